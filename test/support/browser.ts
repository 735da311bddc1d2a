import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { atEnd } from './cleanup.js';

/** Why there is no browser here, or undefined where there is one. */
export const noBrowser: string | undefined =
  process.env['PICT_REPO_BROWSER'] || (process.platform === 'linux' && process.arch === 'x64')
    ? undefined
    : 'skipped: the Chromium that npm brings is for Linux on x64; PICT_REPO_BROWSER=<path> names another one';

/** A real browser without a window: that of PICT_REPO_BROWSER, or the one that npm brings. */
export async function openBrowser(): Promise<Browser> {
  const given = process.env['PICT_REPO_BROWSER'];
  if (given) return await launch(given, process.env);

  // The package unpacks into the folder of temporary files, where it would take what another user left there,
  // and brings the system's libraries along only where it takes this for a Lambda.
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-browser-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  const before = { ...process.env };
  process.env['TMPDIR'] = folder;
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs22.x';
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    const program = await packed.executablePath();
    const fonts = join(folder, 'fonts.conf');
    const ownFonts = join(folder, 'fonts', 'fonts');
    await writeFile(
      fonts,
      `<fontconfig><dir>${existsSync(ownFonts) ? ownFonts : join(folder, 'fonts')}</dir><cachedir>${folder}</cachedir></fontconfig>`,
    );
    return await launch(program, {
      ...before,
      FONTCONFIG_FILE: fonts,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
    });
  } finally {
    process.env = before;
  }
}

async function launch(executablePath: string, env: NodeJS.ProcessEnv): Promise<Browser> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-component-update', '--disable-sync'],
    env: Object.fromEntries(set),
  });
  atEnd(() => browser.close());
  return browser;
}
