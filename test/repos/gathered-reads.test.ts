import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { gatheredRead } from '../../src/database/gathered-read.js';
import { openDatabase } from '../../src/database/open-database.js';
import { aliasesRepo } from '../../src/repos/aliases/repo.js';
import { detailsRepo } from '../../src/repos/details/repo.js';
import { gatheredReads } from '../../src/repos/hashes/gathered-reads.js';
import { gatheredRecords } from '../../src/repos/media/record.js';
import { proxiesRepo } from '../../src/repos/proxies/repo.js';
import { settingsRepo } from '../../src/repos/settings/repo.js';
import { storeMigrationRepo } from '../../src/repos/store-migration/repo.js';
import { statesStatement as uploadStates } from '../../src/repos/uploads/statements.js';
import { variantAccessRepo } from '../../src/repos/variant-access/repo.js';
import { statesStatement as variantStates } from '../../src/repos/variant-claims/state.js';
import { databaseConnections } from '../../src/service-options.js';
import { atEnd } from '../support/cleanup.js';
import { countingStatements } from '../support/counting-database.js';
import { createDatabase } from '../support/database.js';
import { NO_QUEUE } from '../support/no-queue.js';
import { nodesOf, type PlanNode, planner } from '../support/queue-plans.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const database = await createDatabase();
const { url, sql } = database;
const { ask } = await startTestService({}, database);
const { explain, plan } = planner(url);
const statement = databaseConnections(readConfig({}), url).statement;
const opened = openDatabase(statement, { poolSize: 4, waitSeconds: 10 });
atEnd(() => opened.close());

const ROWS = 2000;
const TIME = '2026-11-22T13:14:56.789012Z';
const idOf = (n: number): string => String(n).padStart(32, '0');
const hashOf = (n: number): string => n.toString(16).padStart(8, '0');

function seed() {
  return sql.unsafe(`
    insert into hashes (hash, identifier, motion_identifier, blurhash, created_at)
    select int4send(n), 'i' || n, case when n % 2 = 0 then 'm' || n end, 'b' || n, '${TIME}' from generate_series(1, ${ROWS}) as n;
    insert into variants (hash, variant, identifier) select hash, 'v', 'v' || identifier from hashes;
    insert into aliases (alias, hash, delete_token, created_at) select 'a' || n, int4send(n), 't', '${TIME}' from generate_series(1, ${ROWS}) as n;
    insert into proxies (url_sha256, url, alias)
    select sha256(convert_to('u' || n, 'UTF8')), 'u' || n, 'a' || n from generate_series(1, ${ROWS}) as n;
    insert into variant_accesses (hash, variant, accessed) select hash, 'v', '${TIME}' from hashes;
    insert into details (identifier, details) select identifier, json_build_object('is', identifier) from hashes;
    insert into uploads (id, expires_at, created_at, message, code, completed_at)
    select lpad(n::text, 32, '0')::uuid, '2100-01-01Z', '${TIME}', 'm' || n, 'c', '${TIME}' from generate_series(1, ${ROWS}) as n;
    insert into variant_claims (hash, variant, claimer_sha256, token, lease_seconds, lease_expires_at, error, forget_at)
    select hash, 'w', '', '', 60, '${TIME}', 'e' || identifier, '2100-01-01Z' from hashes;
    insert into settings (key, value) select 'k' || n, int4send(n) from generate_series(1, ${ROWS}) as n;
    insert into store_migrations (old_identifier, new_identifier) select identifier, 'new' || identifier from hashes`);
}
interface Read {
  /** The path of the nth key, and what is answered where it is found; only the first of the rows are. */
  path: (n: number) => string;
  found: (n: number) => string;
  absent: (n: number) => [number, string];
  /** The same, as a statement for many keys, and how each table is to be read. */
  ask: (db: Database) => (n: number) => Promise<unknown>;
  by: RegExp;
}

const problem = (code: string) => (): [number, string] => [404, code];

const reads: Record<string, Read> = {
  identifier: {
    path: (n) => `/hashes/${hashOf(n)}/identifier`,
    found: (n) => `{"identifier":"i${n}"}`,
    absent: problem('hash_not_found'),
    ask: (db) => {
      const { readIdentifier } = gatheredReads(db);
      return (n) => readIdentifier(hashOf(n));
    },
    by: /^Index Scan hashes_pkey$/,
  },
  hash: {
    path: (n) => `/hashes/${hashOf(n)}`,
    found: (n) =>
      `{"hash":"${hashOf(n)}","identifier":"i${n}","motion_identifier":${n % 2 === 0 ? `"m${n}"` : null},` +
      `"blurhash":"b${n}","bytes":null,"created_at":"${TIME}"}`,
    absent: problem('hash_not_found'),
    ask: (db) => {
      const { readHash } = gatheredReads(db);
      return (n) => readHash(hashOf(n));
    },
    by: /^Index Scan hashes_pkey$/,
  },
  blurhash: {
    path: (n) => `/hashes/${hashOf(n)}/blurhash`,
    found: (n) => `{"blurhash":"b${n}"}`,
    absent: problem('hash_not_found'),
    ask: (db) => {
      const { readBlurhash } = gatheredReads(db);
      return (n) => readBlurhash(hashOf(n));
    },
    by: /^Index Scan hashes_pkey$/,
  },
  'aliases.alias': {
    path: (n) => `/aliases/a${n}`,
    found: (n) =>
      `{"alias":"a${n}","hash":"${hashOf(n)}","owner":null,"expires_at":null,"created_at":"${TIME}"}`,
    absent: problem('alias_not_found'),
    ask: (db) => {
      const repo = aliasesRepo(db);
      return (n) => repo.alias(`a${n}`);
    },
    by: /^Index Scan aliases_pkey$/,
  },
  variantIdentifier: {
    path: (n) => `/hashes/${hashOf(n)}/variant?variant=v`,
    found: (n) => `{"identifier":"vi${n}"}`,
    absent: problem('variant_not_found'),
    ask: (db) => {
      const { readVariantIdentifier } = gatheredReads(db);
      return (n) => readVariantIdentifier({ hash: hashOf(n), variant: 'v' });
    },
    by: /^Index Scan variants_pkey$/,
  },
  motionIdentifier: {
    path: (n) => `/hashes/${hashOf(2 * n)}/motion-identifier`,
    found: (n) => `{"identifier":"m${2 * n}"}`,
    absent: problem('hash_not_found'),
    ask: (db) => {
      const { readMotionIdentifier } = gatheredReads(db);
      return (n) => readMotionIdentifier(hashOf(n));
    },
    by: /^Index Scan hashes_pkey$/,
  },
  'media.resolve': {
    path: (n) => `/media?${n % 2 === 0 ? `alias=a${n}` : `url=u${n}`}&variant=v`,
    found: (n) =>
      `{"alias":"a${n}","hash":"${hashOf(n)}","identifier":"i${n}","motion_identifier":${n % 2 === 0 ? `"m${n}"` : null},` +
      `"blurhash":"b${n}","details":{"is" : "i${n}"},"owner":null,"expires_at":null,` +
      `"variant":{"variant":"v","identifier":"vi${n}","details":null}}`,
    absent: (n) => [404, n % 2 === 0 ? 'alias_not_found' : 'proxy_not_found'],
    ask: (db) => {
      const read = gatheredRecords(db);
      return (n) => read({ alias: '', url: `u${n}`, variant: 'v' });
    },
    by: /^Index Scan (aliases|proxies|hashes|variants|details)_pkey$/,
  },
  'aliases.hash': {
    path: (n) => `/aliases/a${n}/hash`,
    found: (n) => `{"hash":"${hashOf(n)}"}`,
    absent: problem('alias_not_found'),
    ask: (db) => {
      const repo = aliasesRepo(db);
      return (n) => repo.hash(`a${n}`);
    },
    by: /^Index Scan aliases_pkey$/,
  },
  details: {
    path: (n) => `/details?identifier=i${n}`,
    found: (n) => `{"is" : "i${n}"}`,
    absent: problem('details_not_found'),
    ask: (db) => {
      const repo = detailsRepo(db);
      return (n) => repo.details(`i${n}`);
    },
    by: /^Index Scan details_pkey$/,
  },
  related: {
    path: (n) => `/proxies?url=u${n}`,
    found: (n) => `{"alias":"a${n}"}`,
    absent: problem('proxy_not_found'),
    ask: (db) => {
      const repo = proxiesRepo(db);
      return (n) => repo.related(`u${n}`);
    },
    by: /^Index Scan (proxies|aliases)_pkey$/,
  },
  containsVariant: {
    path: (n) => `/hashes/${hashOf(n)}/variant/access?variant=v`,
    found: () => '{"contains":true,"accessed":"2026-11-22T13:14:56.789012Z"}',
    absent: () => [200, '{"contains":false}'],
    ask: (db) => {
      const repo = variantAccessRepo(db, 0);
      return (n) => repo.containsVariant(hashOf(n), 'v');
    },
    by: /^Index Scan variant_accesses_pkey$/,
  },
  isMigrated: {
    path: (n) => `/store-migration/identifiers?identifier=${n % 2 === 0 ? '' : 'new'}i${n}`,
    found: () => '{"migrated":true}',
    absent: () => [200, '{"migrated":false}'],
    ask: (db) => {
      const repo = storeMigrationRepo(db, NO_QUEUE);
      return (n) => repo.isMigrated(`newi${n}`);
    },
    by: /^Index (Only )?Scan store_migrations_(pkey|new_identifier)$/,
  },
  'uploads.upload': {
    path: (n) => `/uploads/${idOf(n)}`,
    found: (n) =>
      `{"id":"${idOf(n)}","state":"failed","claimed":false,"created_at":"${TIME}",` +
      `"expires_at":"2100-01-01T00:00:00.000000Z","message":"m${n}","code":"c"}`,
    absent: problem('upload_not_found'),
    ask: (db) => {
      const read = gatheredRead(db, uploadStates);
      return (n) => read(idOf(n));
    },
    by: /^Index Scan uploads_pkey$/,
  },
  'variantClaims.wait': {
    path: (n) => `/hashes/${hashOf(n)}/variant/claim?variant=w`,
    found: (n) => `{"state":"failed","error":"ei${n}"}`,
    absent: problem('hash_not_found'),
    ask: (db) => {
      const read = gatheredRead(db, variantStates);
      return (n) => read({ hash: hashOf(n), variant: 'w' });
    },
    by: /^Index Scan (hashes|variants|variant_claims)_pkey$/,
  },
  settings: {
    path: (n) => `/settings/k${n}`,
    found: (n) => Buffer.from(hashOf(n), 'hex').toString(),
    absent: problem('setting_not_found'),
    ask: (db) => {
      const repo = settingsRepo(db);
      return (n) => repo.get(`k${n}`);
    },
    by: /^Index Scan settings_pkey$/,
  },
};

/** The first statement is for half of the callers. */
const call = (read: Read, keys: number) => async (db: Database) => {
  const one = read.ask(db);
  const calls = Array.from({ length: keys === 1 ? 1 : 2 * keys }, (_, n) => one(1 + (n % ROWS)));
  await Promise.allSettled(calls);
};

/** Plans that were made before the tables had rows, as PostgreSQL keeps them until it analyzes a table. */
const youngPlans = new Map<string, Awaited<ReturnType<typeof plan>>>();
for (const [kind, read] of Object.entries(reads)) youngPlans.set(kind, await plan(call(read, 1)));
await seed();

test('of 200 reads at once each gets its own answer or its own 404, in every kind', async () => {
  const kinds = Object.entries(reads);
  const all = Array.from({ length: 200 }, (_, at) => {
    const [kind, read] = kinds[at % kinds.length] ?? [];
    assert.ok(kind && read);
    const n = at % 4 === 0 ? ROWS * 3 + at / 4 : 1 + (at % 97);
    return { kind, read, n };
  });
  const answers = await Promise.all(all.map(({ read, n }) => ask('GET', read.path(n))));
  for (const [at, { kind, read, n }] of all.entries()) {
    const answer = answers[at];
    const [status, said] = n > ROWS ? read.absent(n) : [200, read.found(n)];
    assert.equal(answer?.status, status, `${kind} ${n}: ${answer?.text}`);
    assert.equal(status === 404 ? answer?.json.code : answer?.text, said, `${kind} ${n}`);
  }
});

test('reads at once share statements: a few of them for hundreds of calls', async () => {
  const { db: counting, count } = countingStatements(opened);
  const repo = aliasesRepo(counting);
  const found = await Promise.all(Array.from({ length: 500 }, (_, n) => repo.hash(`a${n + 1}`)));
  assert.deepEqual(
    found.map(({ hash }) => hash),
    Array.from({ length: 500 }, (_, n) => hashOf(n + 1)),
  );
  assert.ok(count() < 50, `${count()} statements`);
});

test('a read is never older than its call, however many others read the same', async () => {
  const keys = ['own-1', 'own-2', 'own-3', 'own-4'];
  let isOver = false;
  const readers = keys.flatMap((key) =>
    [1, 2].map(async () => {
      while (!isOver) await ask('GET', `/settings/${key}`);
    }),
  );
  await Promise.all(
    keys.map(async (key) => {
      for (let n = 0; n < 15; n++) {
        await ask('PUT', `/settings/${key}`, String(n));
        assert.equal((await ask('GET', `/settings/${key}`)).text, String(n));
      }
    }),
  );
  isOver = true;
  await Promise.all(readers);
});

test('a key that the database refuses fails alone', async () => {
  const { hash } = aliasesRepo(opened);
  const keys = ['a1', 'a2', 'a\0', 'a3', 'a4', '\0', 'a5'];
  const outcomes = await Promise.allSettled(keys.map((key) => hash(key)));
  for (const [at, outcome] of outcomes.entries()) {
    const isPoisonous = keys[at]?.includes('\0');
    assert.equal(outcome.status, isPoisonous ? 'rejected' : 'fulfilled', JSON.stringify(keys[at]));
    if (outcome.status === 'fulfilled') assert.equal(outcome.value.hash, hashOf(Number(keys[at]?.slice(1))));
  }
});

test('large values are as they were stored, beside small ones', async () => {
  const large = {
    incompressible: JSON.stringify({ is: Array.from({ length: 60_000 }, () => Math.random()) }).slice(
      0,
      900_000,
    ),
    spaces: `{"is":${' '.repeat(1_000_000)}1}`,
    medium: JSON.stringify({ is: 'é'.repeat(4100) }),
  };
  large.incompressible = large.incompressible.slice(0, large.incompressible.lastIndexOf(',')).concat(']}');
  for (const [name, text] of Object.entries(large)) {
    assert.equal((await ask('PUT', `/details?identifier=${name}`, text)).status, 204);
  }
  const bytes = Buffer.alloc(64 * 1024, 'ä');
  assert.equal((await ask('PUT', '/settings/large', bytes)).status, 204);
  const answers = await Promise.all(
    [...Object.keys(large).flatMap((name) => ['i1', name, 'i2', name])].map((name) =>
      ask('GET', `/details?identifier=${name}`),
    ),
  );
  const [values, small] = await Promise.all([
    Promise.all([1, 2, 3].map(() => ask('GET', '/settings/large'))),
    ask('GET', '/settings/k1'),
  ]);
  for (const [at, text] of Object.values(large).entries()) {
    assert.equal(answers[4 * at]?.text, '{"is" : "i1"}');
    assert.ok(answers[4 * at + 1]?.text === text && answers[4 * at + 3]?.text === text);
  }
  assert.ok(values.every(({ text }) => text === bytes.toString()));
  assert.equal(small.status, 200);
});

test('a statement that is slow holds up no later read', async () => {
  await sql.unsafe(`
    create function pause(text) returns text volatile language plpgsql
    as $$ begin perform pg_advisory_xact_lock(7); return $1; end $$`);
  await sql`alter table proxies rename to stored_proxies`;
  await sql`
    create view proxies as
    select url_sha256, url, case when alias = 'a7' then pause(alias) else alias end as alias from stored_proxies`;
  let slow: ReturnType<typeof ask> | undefined;
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(7)`;
    slow = ask('GET', '/proxies?url=u7');
    await until(async () => {
      const [row] = await sql<{ waits: boolean }[]>`
        select exists (select from pg_locks where locktype = 'advisory' and not granted) as waits`;
      return row?.waits === true;
    });
    for (const n of [1, 2, 3]) {
      const answers = await Promise.all([n, n + 10].map((one) => ask('GET', `/proxies?url=u${one}`)));
      assert.deepEqual(
        answers.map(({ json }) => json.alias),
        [`a${n}`, `a${n + 10}`],
      );
    }
  });
  assert.equal((await slow)?.json.alias, 'a7');
  await sql`drop view proxies`;
  await sql`alter table stored_proxies rename to proxies`;
});

/** Fails unless the plan looks up each key by the index, and sorts nothing. */
function assertLookups(found: PlanNode, by: RegExp, keys: number): void {
  const all = nodesOf(found).filter((node) => node['Relation Name'] !== undefined);
  // Whether any hash is being removed is asked once for all of them. What follows if one is, is not run.
  const marks = all.filter((node) => node['Index Name'] === 'hashes_doomed_at' && node['Actual Loops'] > 0);
  for (const mark of marks) {
    assert.deepEqual([mark['Actual Loops'], mark['Actual Rows']], [1, 0]);
    assert.ok(mark['Shared Hit Blocks'] <= 2, `${mark['Shared Hit Blocks']} blocks`);
  }
  const scans = all.filter((node) => !marks.includes(node) && node['Actual Loops'] > 0);
  assert.ok(scans.length > 0);
  for (const scan of scans) {
    const kind = `${scan['Node Type']} ${scan['Index Name']}`;
    assert.match(kind, by);
    assert.equal(scan['Actual Loops'] % keys, 0, `${kind}: ${scan['Actual Loops']} lookups`);
    assert.ok(scan['Actual Rows'] <= 1, `${kind}: ${scan['Actual Rows']} rows of a lookup`);
  }
  assert.ok(!nodesOf(found).some((node) => node['Node Type'].includes('Sort')), 'sorts');
}

test('each of 1 and of 1000 keys is looked up by its index, also by plans of empty tables', async () => {
  const many = new Map(Object.entries(reads).map(([kind, read]) => [kind, call(read, 1000)]));
  for (const [kind, youngPlan] of youngPlans) {
    const [read, calls] = [reads[kind], many.get(kind)];
    assert.ok(read && calls);
    assertLookups(await youngPlan(calls), read.by, 1000);
  }
  await sql`analyze`;
  for (const [kind, read] of Object.entries(reads)) {
    for (const [keys, calls] of [
      [1, call(read, 1)],
      [1000, many.get(kind)],
    ] as const) {
      assert.ok(calls);
      for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
        assertLookups(await explain(calls, mode), read.by, keys);
      }
    }
  }
});
