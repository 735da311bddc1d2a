import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/*
 * `npm run check` in the folder above: compiles every block ```ts of every README and of docs/, against the client as it is
 * here, with and without `exactOptionalPropertyTypes`.
 */
const ROOT = new URL('../', import.meta.url);
const FOLDER = new URL('dist/readmes/', ROOT);

const skipped = /(^|\/)(node_modules|dist|\.git)(\/|$)/;
const files = readdirSync(ROOT, { recursive: true })
  .map((file) => String(file).replaceAll('\\', '/'))
  .filter((file) => /(^|\/)README\.md$|^docs\/[^/]+\.md$/.test(file) && !skipped.test(file));

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
let count = 0;
for (const file of files) {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  // A block may go on with what the blocks before it in the same file have made.
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
  if (blocks.length === 0) continue;
  count += blocks.length;
  const imports = blocks.join('\n').matchAll(/^import .*?;$/gms);
  const code = blocks.map((block) => block.replace(/^import .*?;$/gms, '')).join('\n');
  const name = file.replaceAll('/', '-').replace('.md', '.ts');
  writeFileSync(new URL(name, FOLDER), `${[...imports].join('\n')}\n${code}\nexport {};\n`);
}
if (count === 0) throw new Error('no README has a block of TypeScript');

for (const exactOptionalPropertyTypes of [false, true]) {
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      exactOptionalPropertyTypes,
      noEmit: true,
      rootDir: '../..',
      typeRoots: ['../../node_modules/@types'],
      paths: { 'pict-repo-client': ['../../client/src/index.ts'] },
    },
    include: ['./*.ts'],
    exclude: [],
  };
  const file = new URL(`tsconfig-${exactOptionalPropertyTypes ? 'exact' : 'loose'}.json`, FOLDER);
  writeFileSync(file, JSON.stringify(config));
  execFileSync('tsc', ['-p', file.pathname], { stdio: 'inherit' });
}
