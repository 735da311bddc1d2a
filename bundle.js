import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';

/*
 * Writes TypeBox as a few files in place of 600, of which a start would read most: that took a third of its processor
 * time and 20 MB. Node finds this copy first, because dist/node_modules is nearer to dist/src than node_modules.
 */

const TYPEBOX = 'node_modules/typebox';
const BUNDLE = join('dist', TYPEBOX);

/** A warning is mostly an import that was not found, and the bundle would then not run. */
const refuseWarnings = (/** @type {{ message: string }} */ { message }) => {
  throw new Error(message);
};

/** @typedef {{ name: string, version: string, exports: Record<string, { import: string }> }} Manifest */

/** @param {string} folder @returns {Manifest} */
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const { name, version, exports } = manifestOf(TYPEBOX);

if (!existsSync(join(BUNDLE, 'package.json')) || manifestOf(BUNDLE).version !== version) {
  /** The file of each thing that can be imported: `index` for `typebox`, `schema` for `typebox/schema`. */
  const input = Object.fromEntries(
    Object.entries(exports).map(([path, { import: file }]) => [
      path.slice(2) || 'index',
      join(TYPEBOX, file),
    ]),
  );
  const paths = Object.keys(input).map((key) => [key === 'index' ? '.' : `./${key}`, `./${key}.js`]);
  const manifest = JSON.stringify({ name, version, type: 'module', exports: Object.fromEntries(paths) });
  await build({
    input,
    onwarn: refuseWarnings,
    output: { dir: BUNDLE, cleanDir: true },
    plugins: [
      {
        name: 'manifest',
        generateBundle() {
          this.emitFile({ type: 'asset', fileName: 'package.json', source: manifest });
        },
      },
    ],
  });
}

/* The programs of the console and of the page of the API: each is one file with Preact, for browsers. */
for (const program of ['console', 'docs']) {
  await build({
    input: join('pages', program, 'main.tsx'),
    tsconfig: 'pages/tsconfig.json',
    onwarn: refuseWarnings,
    output: {
      file: join('dist', 'pages', `${program}.js`),
      format: 'esm',
      minify: true,
      // The licence asks for it.
      banner:
        '/*! With Preact, copyright 2015-present Jason Miller, MIT: github.com/preactjs/preact/blob/main/LICENSE */',
    },
  });
}
