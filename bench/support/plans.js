import { open } from 'node:fs/promises';

/**
 * The plans that PostgreSQL executed, as auto_explain writes them to the server's log.
 *
 * @typedef {object} Node
 * @property {string} 'Node Type'
 * @property {string} [Relation Name]
 * @property {string} [Index Name]
 * @property {number} 'Shared Hit Blocks'
 * @property {number} 'Shared Read Blocks'
 * @property {number} 'Actual Loops'
 * @property {number} [Index Searches]
 * @property {Node[]} [Plans]
 *
 * @typedef {{ text: string, plan: Node }} Executed
 */

/** Makes every session write the plan of each statement, once a database asks for it (`EXPLAIN_DATABASE`). */
export const EXPLAIN_SETTINGS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '-1',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_parameter_max_length': '0',
};

/** @param {string} database whose new sessions write plans */
export const explainDatabase = (database) =>
  `alter database ${database} set auto_explain.log_min_duration = 0`;

/** Reads the plans that a log has got since the last look. @param {string} file */
export function planLog(file) {
  let at = 0;
  let rest = '';
  return {
    /** @returns {Promise<Executed[]>} */
    async next() {
      const handle = await open(file);
      try {
        const { size } = await handle.stat();
        // The service that watches over the server shortens a large log.
        if (size < at) [at, rest] = [0, ''];
        const buffer = Buffer.alloc(size - at);
        await handle.read(buffer, 0, buffer.length, at);
        at = size;
        rest += buffer.toString();
      } finally {
        await handle.close();
      }
      const executed = [];
      // Lines of an entry but the first begin with a tab.
      const entries = rest.split(/\n(?!\t)/);
      rest = entries.pop() ?? '';
      for (const entry of entries) {
        const json = /plan:\n([\s\S]*)$/.exec(entry)?.[1];
        if (!json) continue;
        const parsed = JSON.parse(json.replaceAll('\n\t', '\n'));
        executed.push({ text: parsed['Query Text'].replaceAll(/\s+/g, ' ').trim(), plan: parsed.Plan });
      }
      return executed;
    },
  };
}

/** @param {Node} node @returns {Node[]} it and all below it */
export const nodesOf = (node) => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** @param {Node} node */
export const blocksOf = (node) => node['Shared Hit Blocks'] + node['Shared Read Blocks'];

/** @param {Node} node how often its index was searched */
export const searchesOf = (node) => node['Index Searches'] ?? 0;
