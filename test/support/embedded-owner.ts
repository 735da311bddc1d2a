// A process that owns an embedded PostgreSQL: for test/embedded-postgres/embedded.test.ts, which kills it.
// Reports a line of JSON, { url } or { refused }, and stops PostgreSQL when its input ends.
import { once } from 'node:events';
import { EmbeddedError, startEmbedded } from '../../src/embedded-postgres/index.js';

const log = {
  info: (about: object, message: string) => console.error(message, JSON.stringify(about)),
  warn: (about: object, message: string) => console.error(message, JSON.stringify(about)),
};

try {
  const database = await startEmbedded({ dataDir: process.argv[2] ?? '', log });
  console.log(JSON.stringify({ url: database.url }));
  await once(process.stdin.resume(), 'end');
  await database.stop();
} catch (error) {
  if (!(error instanceof EmbeddedError)) throw error;
  console.log(JSON.stringify({ refused: error.message }));
}
