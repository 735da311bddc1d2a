import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TYPEBOX = 'node_modules/typebox';

/** @type {{ name: string, version: string, exports: Record<string, { import: string }> }} */
const { name, version, exports } = JSON.parse(readFileSync(join(TYPEBOX, 'package.json'), 'utf8'));

/** The file of each thing that can be imported: `index` for `typebox`, `schema` for `typebox/schema`. */
const input = Object.fromEntries(
  Object.entries(exports).map(([path, { import: file }]) => [path.slice(2) || 'index', join(TYPEBOX, file)]),
);

/**
 * TypeBox in a few files in place of 600, of which a start would read most: they took a third of its processor time and
 * 20 MB. Node finds the package in dist/node_modules first, because that is the nearest one.
 */
// biome-ignore lint/style/noDefaultExport: rolldown reads the default export.
export default {
  input,
  output: { dir: `dist/${TYPEBOX}`, cleanDir: true },
  plugins: [
    {
      name: 'package.json',
      generateBundle() {
        const source = JSON.stringify({
          name,
          version,
          type: 'module',
          exports: Object.fromEntries(
            Object.keys(input).map((key) => [key === 'index' ? '.' : `./${key}`, `./${key}.js`]),
          ),
        });
        this.emitFile({ type: 'asset', fileName: 'package.json', source });
      },
    },
  ],
};
