import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { atEnd } from './cleanup.js';
import { until } from './until.js';

/**
 * A browser, or a sentence that says why there is none: the one at TEST_BROWSER, else the one that npm has
 * brought, which is for Linux on x64. With TEST_BROWSER_REQUIRED=true no browser is an error.
 */
export async function openBrowser(): Promise<{ browser: Browser } | { skip: string }> {
  try {
    const browser = await launch();
    atEnd(() => browser.close());
    return { browser };
  } catch (error) {
    if (process.env['TEST_BROWSER_REQUIRED'] === 'true') throw error;
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    const skip = `no browser (${reason}): the pages at / /console /docs are not tried; TEST_BROWSER=/path/to/chromium chooses one`;
    console.error(`skipped: ${skip}`);
    return { skip };
  }
}

/** Opens a page in a context of its own. Close the page only: a browser of one process ends when a context is closed. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

/** A signal ends the test's process, and with its end of the pipe the browser. */
const SIGNALS = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };

async function launch(): Promise<Browser> {
  // Root may not have the sandbox, and the pages are our own. Each process more takes a while to start.
  const args = ['--no-sandbox', '--no-zygote', '--in-process-gpu', '--disable-gpu'];
  const given = process.env['TEST_BROWSER'];
  if (given) return chromium.launch({ ...SIGNALS, executablePath: given, args });
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`none comes for ${process.platform} on ${process.arch}`);
  }
  const unpacked = await unpackOnce();
  if ('error' in unpacked) throw new Error(unpacked.error);
  const { executablePath, env } = unpacked;
  // As one process the browser takes two thirds of the processor time.
  return chromium.launch({ ...SIGNALS, executablePath, args: [...args, '--single-process'], env });
}

interface Unpacked {
  executablePath: string;
  env: Record<string, string>;
}

/** Once for a run of the tests, because that takes longer than most test files: another process may do it. */
async function unpackOnce(): Promise<Unpacked | { error: string }> {
  const run = process.env['TEST_FOLDER'];
  const folder = run ? join(run, 'browser') : await mkdtemp(join(tmpdir(), 'browser-'));
  if (!run) atEnd(() => rm(folder, { recursive: true, force: true }));
  const result = join(folder, 'unpacked.json');
  const isFirst =
    !run ||
    (await mkdir(folder).then(
      () => true,
      () => false,
    ));
  if (!isFirst) {
    await until(() => existsSync(result));
    return JSON.parse(await readFile(result, 'utf8'));
  }
  const unpacked = await unpack(folder).catch((error: unknown) => ({ error: String(error) }));
  await writeFile(`${result}.new`, JSON.stringify(unpacked));
  await rename(`${result}.new`, result);
  return unpacked;
}

/**
 * Unpacks the browser of @sparticuz/chromium, made for AWS Lambda, with the libraries that a machine without a
 * desktop lacks. It would use a fixed name in /tmp, where another user can have put something first: it gets
 * a folder of our own, in the one of the run, which goes however the run ends.
 */
async function unpack(folder: string): Promise<Unpacked> {
  const { TMPDIR, AWS_EXECUTION_ENV, LD_LIBRARY_PATH, FONTCONFIG_PATH } = process.env;
  Object.assign(process.env, { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' });
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    const executablePath = await packed.executablePath();
    // Its own configuration names /tmp; a browser without any font dies of the first input field.
    const fonts = join(folder, 'fonts.conf');
    await writeFile(
      fonts,
      `<fontconfig><dir>${folder}/fonts/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>`,
    );
    const libraries = [join(folder, 'al2023', 'lib'), LD_LIBRARY_PATH].filter(Boolean).join(':');
    return {
      executablePath,
      env: { ...ownEnvironment(), TMPDIR: folder, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts },
    };
  } finally {
    restore({ TMPDIR, AWS_EXECUTION_ENV, LD_LIBRARY_PATH, FONTCONFIG_PATH });
  }
}

function ownEnvironment(): Record<string, string> {
  const { FONTCONFIG_PATH: _, ...rest } = process.env;
  return Object.fromEntries(
    Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function restore(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
