import { withRatio } from './comparisons.js';
import { CREATES, PARENTS } from './creates.js';
import { openGenerator } from './generator.js';
import { HOT_READS, seed, seeded } from './hot-reads.js';
import { query, settle } from './postgres.js';
import { turns } from './turns.js';

const CONNECTIONS = 64;
/** How many images are asked for. */
const IMAGES = 4000;
const DETAILS = {
  width: 1920,
  height: 1080,
  frames: null,
  content_type: 'image/webp',
  format: { Image: 'webp' },
};

/**
 * Measures the requests of an image host beside the single ones that they replace, in turns, in images per second.
 *
 * @param {object} context
 * @param {import('./processes.js').Processes} context.processes
 * @param {(stop: () => Promise<void>) => void} context.keep
 * @param {string} context.url of an empty database
 * @param {{ hashes: number, rounds: number, seconds: number, warmUpSeconds: number }} plan
 * @returns {Promise<{ generator: string, rows: import('./comparisons.js').Comparison[] }>}
 */
export async function measureMedia({ processes, keep, url }, plan) {
  const generator = await openGenerator({ processes, keep });
  const service = await processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, [
    'serve',
  ]);
  for (const statement of [...seed(plan.hashes), ...PARENTS]) await query(url, statement);
  await query(
    url,
    `insert into details (identifier, details)
     select identifier, json_build_object('width', 256, 'height', 144, 'content_type', 'image/webp') from variants`,
  );
  await settle(url);
  /** @type {import('./comparisons.js').Comparison[]} */
  const rows = [];

  const images = Array.from({ length: IMAGES }, (_, at) => Math.floor((at * seeded(plan.hashes)) / IMAGES));
  const pathOf = (/** @type {string} */ name, /** @type {number} */ n) =>
    HOT_READS.find((read) => read.name === name)?.path(n) ?? '';
  const resolve = (/** @type {number} */ n) =>
    `${pathOf('aliases.hash', n).replace('/v1/aliases/', '/v1/media?alias=').replace('/hash', '')}&variant=thumbnail%2F256%2Fwebp`;
  const get = (/** @type {string} */ path) => ({ method: 'GET', path });
  const example = await (await fetch(`http://127.0.0.1:${service}${resolve(7)}`)).text();
  const empty = await processes.server('contenders/empty-answer.js', { ANSWER: example });
  const singles = ['aliases.hash', 'hashes.identifier', 'details.details', 'hashes.variantIdentifier'];
  const reads = {
    one: images.map((n) => get(resolve(n))),
    five: images.flatMap((n) => [
      ...singles.map((name) => get(pathOf(name, n))),
      get(`/v1/details?identifier=variant${n}`),
    ]),
  };
  const readRates = {
    one: () => generator.rate({ ...plan, port: service, requests: reads.one, connections: CONNECTIONS }),
    five: async () =>
      (await generator.rate({ ...plan, port: service, requests: reads.five, connections: CONNECTIONS })) / 5,
    empty: () => generator.rate({ ...plan, port: empty, requests: reads.one, connections: CONNECTIONS }),
  };
  const read = await inTurns(readRates);
  const what = { what: 'media.resolve', connections: CONNECTIONS, ours: read.one };
  rows.push(withRatio({ ...what, of: 'five single reads', theirs: read.five, bar: 3 }));
  rows.push(withRatio({ ...what, of: 'an empty Fastify route', theirs: read.empty, bar: 0.4 }));

  const creates = ['hashes.create', 'details.relateDetails', 'aliases.create'].flatMap((name) =>
    CREATES.filter((create) => create.name === name),
  );
  const put = (/** @type {string} */ path, /** @type {object} */ body) => ({
    method: 'PUT',
    path,
    body: JSON.stringify(body),
  });
  const writes = {
    one: [
      put('/v1/media/{number}-{number}.webp', {
        hash: '{number}'.repeat(4),
        identifier: 'uploads/{number}/{number}/{number}.webp',
        delete_token: '{number}-{number}-{number}',
        details: DETAILS,
      }),
    ],
    three: creates.map(({ path, body }) => put(path, body)),
  };
  // Of numbers that no request has had.
  let after = 10_000;
  const rate = async (/** @type {keyof typeof writes} */ which) => {
    const options = { ...plan, port: service, requests: writes[which], connections: CONNECTIONS, after };
    const rate = await generator.rate(options);
    after += Math.ceil(rate * plan.seconds * 1.2) + 1000;
    return rate / writes[which].length;
  };
  const write = await inTurns({ one: () => rate('one'), three: () => rate('three') });
  rows.push(
    withRatio({
      what: 'media.commitUpload',
      connections: CONNECTIONS,
      of: 'hash, details and alias',
      ours: write.one,
      theirs: write.three,
      bar: 2,
    }),
  );
  return { generator: generator.name, rows };

  /** @template {string} Who @param {Record<Who, () => Promise<number>>} rates @returns {Promise<Record<Who, number[]>>} */
  async function inTurns(rates) {
    const who = /** @type {Who[]} */ (Object.keys(rates));
    for (const one of who) await rates[one]();
    await settle(url);
    return await turns(plan.rounds, who, (one) => rates[one]());
  }
}
