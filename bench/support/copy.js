import pg from 'pg';

/** What ends the answer: ReadyForQuery, outside a transaction. */
const READY = Buffer.from('5a0000000549', 'hex');

/**
 * Runs a COPY to stdout and reads its bytes without looking at them: the pace of PostgreSQL.
 *
 * @param {string} url @param {string} statement
 * @returns {Promise<number>} the bytes that came
 */
export async function copy(url, statement) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { stream } = /** @type {any} */ (client).connection;
  stream.removeAllListeners('data');
  const text = Buffer.from(`${statement}\0`);
  const head = Buffer.from([0x51, 0, 0, 0, 0]);
  head.writeInt32BE(text.length + 4, 1);
  let bytes = 0;
  await new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('data', (/** @type {Buffer} */ part) => {
      bytes += part.length;
      if (part.subarray(-READY.length).equals(READY)) resolve(undefined);
    });
    stream.write(Buffer.concat([head, text]));
  });
  await client.end();
  return bytes;
}
