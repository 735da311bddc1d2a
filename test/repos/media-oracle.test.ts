import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectionOptions } from '../../src/database/connection.js';
import type { Fragment, Sql } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { atEnd } from '../support/cleanup.js';
import { killPostgres } from '../support/kill-postgres.js';
import { MediaClients, TOLD } from '../support/media-oracle-clients.js';
import { startOwnPostgres } from '../support/own-postgres.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';

const { dataDir, url } = await startOwnPostgres();
/** The service's own way to it, because the driver alone may keep a statement for ever whose server was killed. */
const database = openDatabase(connectionOptions({ url, statementTimeoutSeconds: 5 }), {
  poolSize: 1,
  waitSeconds: 10,
});
atEnd(() => database.close());

const CLIENTS = 32;
/** `ORACLE_SECONDS=600 npm test -- repos/media-oracle` is the long form: more rounds, of about half a minute each. */
const ORACLE_SECONDS = Number(process.env['ORACLE_SECONDS'] ?? 0);
const rounds = Math.max(1, Math.round(ORACLE_SECONDS / 30));
const seconds = ORACLE_SECONDS > 0 ? 25 : 0.8;
const env = {
  LOG_LEVEL: 'info',
  DATABASE_URL: url,
  DATABASE_WAIT_SECONDS: '2',
  ACCESS_GRANULARITY_SECONDS: '0',
};

for (let round = 1; round <= rounds; round++) {
  const name = 'no file is lost, and none is both live and named, whatever is killed or asked again';
  test(round === 1 ? name : `${name}: round ${round}`, run);
}

async function run(t: TestContext): Promise<void> {
  const services: (ServiceProcess | undefined)[] = [];
  const start = async (place: number): Promise<void> => {
    // It cannot start while PostgreSQL is away; who runs it would try again too.
    while (!services[place])
      services[place] = await startServiceProcess(env).catch(() => sleep(100, undefined));
  };
  const kill = async (place: number): Promise<void> => {
    const service = services[place];
    services[place] = undefined;
    await service?.end('SIGKILL');
  };
  await start(0);
  await start(1);
  t.after(() => Promise.all([kill(0), kill(1)]));

  const clients = new MediaClients((before) => {
    const bases = services.flatMap((service) => service?.base ?? []);
    return bases.find((base) => base !== before && Math.random() < 0.7) ?? bases[0];
  });
  t.after(() => clients.close());
  const kills = { replicas: 0, postgres: 0 };
  const giveUp = performance.now() + seconds * 1000;
  let isOver = false;
  const all = Array.from({ length: CLIENTS }, () => clients.run(() => isOver));
  const ages = makeOld(() => isOver);
  for (let round = 0; round === 0 || performance.now() < giveUp; round++) {
    await sleep(Math.min(1000, seconds * 300));
    await kill(round % 2);
    kills.replicas++;
    await Promise.all([start(round % 2), sleep(Math.min(1000, seconds * 300))]);
    if (round % 2 === 0) {
      await killPostgres(dataDir);
      kills.postgres++;
    }
  }
  await sleep(seconds * 100);
  isOver = true;
  await Promise.all([...all, ages]);
  t.diagnostic(JSON.stringify({ ...clients.counts, kills }));
  assert.deepEqual(clients.violations, []);
  assert.deepEqual(await faults(clients), {});
}

/** What is expired by its last use must be old. */
async function makeOld(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sleep(100);
    // PostgreSQL may be away.
    await database
      .run((sql) => sql`update variants set idle_since = '2026-01-01Z' where random() < 0.2`)
      .catch(() => {});
    await database
      .run((sql) => sql`update variant_accesses set accessed = '2026-01-01Z' where random() < 0.2`)
      .catch(() => {});
    await database
      .run((sql) => sql`update proxies set idle_since = '2026-01-01Z' where random() < 0.1`)
      .catch(() => {});
    await database
      .run((sql) => sql`update alias_accesses set accessed = '2026-01-01Z' where random() < 0.1`)
      .catch(() => {});
  }
}

/**
 * What must not be, each with what is so. All is read in one snapshot, because a statement of a client that has given
 * up, or of a replica that was killed, may still be committed.
 */
async function faults({ used, named }: MediaClients): Promise<Record<string, unknown[]>> {
  const [row] = await database.run(
    (sql) => sql<Stored[]>`
      select
        ${namesOf(
          sql,
          sql`
            select identifier as name from hashes
            union all select motion_identifier from hashes where motion_identifier is not null
            union all select identifier from variants`,
        )} as live,
        ${namesOf(sql, sql`select job -> 'Identifier' ->> 'identifier' as name from jobs where queue = ${TOLD}`)} as told,
        ${namesOf(sql, sql`select identifier as name from details`)} as details,
        ${namesOf(sql, sql`select identifier as name from files where condemned_at is null`)} as owned,
        ${namesOf(
          sql,
          sql`
            select encode(hash, 'hex') as name from hashes
            where not exists (select from aliases where aliases.hash = hashes.hash)`,
        )} as hashes,
        ${namesOf(
          sql,
          sql`
            select alias as name from aliases
            where not exists (select from hashes where hashes.hash = aliases.hash)`,
        )} as aliases,
        ${namesOf(
          sql,
          sql`
            select url as name from proxies
            where not exists (select from aliases where aliases.alias = proxies.alias)`,
        )} as urls,
        ${namesOf(
          sql,
          sql`
            select variant as name from variant_accesses as access
            where not exists (
              select from variants where variants.hash = access.hash and variants.variant = access.variant
            )`,
        )} as accesses`,
  );
  if (!row) throw new Error('What is stored is one row.');
  const { live, told, details, owned } = row;
  const found = {
    'files with two owners': live.filter((file, at) => live.indexOf(file) !== at),
    'live files that are not in the table of files': live.filter((file) => !owned.includes(file)),
    'files in the table of files that are not live': owned.filter((file) => !live.includes(file)),
    'live files that are named for deletion': live.filter((file) => told.includes(file) || named.has(file)),
    'files that were told twice': told.filter((file, at) => told.indexOf(file) !== at),
    'files that an answer named and no job': [...named].filter((file) => !told.includes(file)),
    'files that nobody knows any more': [...used].filter(
      (file) => !live.includes(file) && !told.includes(file),
    ),
    'details without an owner': details.filter((file) => !live.includes(file)),
    'hashes without an alias': row.hashes,
    'aliases without a hash': row.aliases,
    'URLs without an alias': row.urls,
    'accesses without a variant': row.accesses,
  };
  return Object.fromEntries(Object.entries(found).filter(([, some]) => some.length > 0));
}

interface Stored {
  /** The files of contents. */
  live: string[];
  told: string[];
  details: string[];
  /** The files that the table of files gives to a content. */
  owned: string[];
  /** What has lost its parent, or the last of its children. */
  hashes: string[];
  aliases: string[];
  urls: string[];
  accesses: string[];
}

const namesOf = (sql: Sql, query: Fragment): Fragment =>
  sql`(select coalesce(json_agg(name), '[]') from (${query}) as found)`;
