import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { aliasesRepo } from '../../src/repos/aliases/repo.js';
import { detailsRepo } from '../../src/repos/details/repo.js';
import { hashCreation } from '../../src/repos/hashes/hash-creation.js';
import { variantCreation } from '../../src/repos/hashes/variant-creation.js';
import { proxiesRepo } from '../../src/repos/proxies/repo.js';
import { databaseConnections } from '../../src/service-options.js';
import { atEnd } from '../support/cleanup.js';
import { countingStatements } from '../support/counting-database.js';
import { createDatabase } from '../support/database.js';
import { linger, watchDeadlocks } from '../support/deadlocks.js';
import { newHash } from '../support/new-hash.js';
import { nodesOf, planner } from '../support/queue-plans.js';
import { atOnce, tally } from '../support/races.js';
import { type Answer, startTestService } from '../support/service.js';

const database = await createDatabase();
const { sql, url } = database;
const replicas = await Promise.all([startTestService({}, database), startTestService({}, database)]);
const statement = databaseConnections(readConfig({}), url).statement;
const opened = openDatabase(statement, { poolSize: 4, waitSeconds: 10 });
atEnd(() => opened.close());

await sql.unsafe(`
  create function refuse() returns trigger language plpgsql
  as $$ begin raise check_violation using message = 'poison'; end $$;
  create trigger refuse before insert on hashes for each row when (new.identifier like 'poison%') execute function refuse();
  create trigger refuse before insert on variants for each row when (new.identifier like 'poison%') execute function refuse();
  create trigger refuse before insert on aliases for each row when (new.delete_token like 'poison%') execute function refuse();
  create trigger refuse before insert on proxies for each row when (new.url like 'poison%') execute function refuse()`);

/** On the replicas in turn. */
const put = (n: number, path: string, body: unknown): Promise<Answer> => {
  const replica = replicas[n % 2];
  assert.ok(replica);
  return replica.ask('PUT', path, body);
};
/** A hash of its own, which stands. */
async function newContent(): Promise<string> {
  const hash = newHash();
  assert.equal((await put(0, `/hashes/${hash}`, { identifier: `${hash}.png` })).status, 201);
  return hash;
}

const parent = await newContent();
await put(0, '/aliases/parent', { hash: parent, delete_token: 't' });
const absent = newHash();
const hashOf = (n: number): string => `ab${n.toString(16).padStart(6, '0')}`;

interface Kind {
  /** A create of the nth key, with the nth value. */
  create: (by: number, key: number | string, value: number | string) => Promise<Answer>;
  /** As what stands is read. */
  stands: () => Promise<Record<string, string>>;
  other: string;
  taken?: string;
  orphan?: (n: number) => Promise<Answer>;
  missing?: string;
}

const kinds: Record<string, Kind> = {
  'hashes.create': {
    create: (by, key, value) => put(by, `/hashes/${hashOf(Number(key))}`, { identifier: `${value}` }),
    stands: async () => {
      const rows = await sql<{ key: string; value: string }[]>`
        select encode(hash, 'hex') as key, identifier as value from hashes where octet_length(hash) = 4`;
      return Object.fromEntries(rows.map(({ key, value }) => [String(Number(`0x${key.slice(2)}`)), value]));
    },
    other: '409 hash_already_exists',
    taken: '409 identifier_already_used',
  },
  'hashes.relateVariantIdentifier': {
    create: (by, key, value) =>
      put(by, `/hashes/${parent}/variant?variant=${key}`, { identifier: `${value}.v` }),
    stands: async () => {
      const rows = await sql<
        { variant: string; identifier: string }[]
      >`select variant, identifier from variants`;
      return Object.fromEntries(
        rows.map(({ variant, identifier }) => [variant, identifier.replace('.v', '')]),
      );
    },
    other: '409 variant_already_exists',
    taken: '409 identifier_already_used',
    orphan: (n) => put(n, `/hashes/${absent}/variant?variant=${n}`, { identifier: `orphan-${n}` }),
    missing: '404 hash_not_found',
  },
  'aliases.create': {
    create: (by, key, value) => put(by, `/aliases/${key}`, { hash: parent, delete_token: `${value}` }),
    stands: async () => {
      const rows = await sql<{ alias: string; delete_token: string }[]>`
        select alias, delete_token from aliases where alias <> 'parent'`;
      return Object.fromEntries(rows.map(({ alias, delete_token }) => [alias, delete_token]));
    },
    other: '409 alias_already_exists',
    orphan: (n) => put(n, `/aliases/orphan-${n}`, { hash: absent, delete_token: 't' }),
    missing: '404 hash_not_found',
  },
};

for (const [name, { create, stands, other, taken, orphan, missing }] of Object.entries(kinds)) {
  test(`${name}: of hundreds at once, over two replicas, each gets its own answer`, async () => {
    const KEYS = 40;
    // Of each key three values, each of them sent twice, to both replicas.
    const rivals = Array.from({ length: KEYS * 6 }, (_, n) => ({
      key: n % KEYS,
      value: `${n % KEYS}-${Math.floor(n / KEYS) % 3}`,
    }));
    const [answers, poisoned, orphans] = await Promise.all([
      atOnce(rivals.length, (n) => {
        const { key = 0, value = '' } = rivals[n] ?? {};
        return create(Math.floor(n / 3), key, value);
      }),
      atOnce(6, (n) => create(n, 1000 + n, `poison-${n}`)),
      orphan ? atOnce(20, orphan) : [],
    ]);
    assert.deepEqual(tally(poisoned), { '500 internal_error': 6 });
    if (missing) assert.deepEqual(tally(orphans), { [missing]: 20 });
    assert.deepEqual(tally(answers), { 201: KEYS, 200: KEYS, [other]: 4 * KEYS });
    const standing = await stands();
    assert.equal(Object.keys(standing).length, KEYS);
    for (const [n, { key, value }] of rivals.entries()) {
      assert.equal((answers[n]?.status ?? 0) < 300, standing[key] === value, `${key} ${value}`);
    }
    if (!taken) return;
    // Other keys for the values that stand, and one that is free.
    const late = await atOnce(KEYS + 1, (n) => create(n, 2000 + n, standing[n] ?? 'free'));
    assert.deepEqual(tally(late), { 201: 1, [taken]: KEYS });
  });

  test(`${name}: batches of two replicas in opposite orders do not wait for each other`, async () => {
    const COUNT = 120;
    const answers = await atOnce(2 * COUNT, (n) => {
      const key = 3000 + (n % 2 === 0 ? n / 2 : COUNT - (n + 1) / 2);
      return create(n, key, `same-${key}`);
    });
    assert.deepEqual(tally(answers), { 201: COUNT, 200: COUNT });
    if (!taken) return;
    // The keys in one order, the values in the other: of the two unique keys only one can be locked in its order.
    const crossed = await atOnce(2 * COUNT, (n) => {
      const value = n % 2 === 0 ? n / 2 : COUNT - (n + 1) / 2;
      return create(n, 4000 + n, `crossed-${value}`);
    });
    assert.deepEqual(tally(crossed), { 201: COUNT, [taken]: COUNT });
  });
}

test('creates of the same records in opposite orders, over two replicas, never deadlock', async () => {
  const COUNT = 200;
  /** The second replica gets them in the opposite order, some at a time, so that both have the same at once. */
  const TOGETHER = 40;
  const opposite = (n: number): number => n - (n % TOGETHER) + TOGETHER - 1 - (n % TOGETHER);
  const { database, deadlocks } = await watchDeadlocks(await createDatabase());
  const both = await Promise.all([startTestService({}, database), startTestService({}, database)]);
  await linger(database.sql, ['hashes', 'variants', 'aliases', 'details', 'proxies']);
  const [one] = both;
  assert.equal((await one.ask('PUT', '/hashes/aa', { identifier: 'aa.png' })).status, 201);
  const creates: ((n: number) => [path: string, body: object])[] = [
    (n) => [`/hashes/${hashOf(n)}`, { identifier: `${n}.png` }],
    (n) => [`/hashes/aa/variant?variant=${n}`, { identifier: `${n}.v` }],
    (n) => [`/aliases/a${n}`, { hash: 'aa', delete_token: 't' }],
    (n) => [`/details?identifier=d${n}`, {}],
    (n) => ['/proxies', { url: `https://x/${n}`, alias: `a${n}` }],
  ];
  for (const create of creates) {
    const answers = await atOnce(2 * COUNT, (n) => {
      const at = Math.floor(n / 2);
      const [path, body] = create(n % 2 === 0 ? at : opposite(at));
      return both[n % 2 === 0 ? 0 : 1].ask('PUT', path, body);
    });
    assert.deepEqual(
      answers.filter(({ status }) => status >= 300),
      [],
    );
  }
  await Promise.all(both.map(({ close }) => close()));
  assert.equal(await deadlocks(), 0);
});

test('proxies.relateUrl: of hundreds at once each gets its own answer', async () => {
  await put(0, '/aliases/other-parent', { hash: parent, delete_token: 't' });
  const aliases = ['parent', 'other-parent', 'parent', 'nobody'];
  const relate = (n: number, url: string, alias = '') => put(n, '/proxies', { url, alias });
  const answers = await atOnce(160, (n) => relate(n, `u${n % 40}`, aliases[Math.floor(n / 40)]));
  const poisoned = await atOnce(4, (n) => relate(n, n === 1 ? 'poison' : `well-${n}`, 'parent'));
  assert.deepEqual(
    poisoned.map(({ status }) => status),
    [201, 500, 201, 201],
  );
  const rows = await sql<
    { url: string; alias: string }[]
  >`select url, alias from proxies where url like 'u%'`;
  const standing = new Map(rows.map(({ url, alias }) => [url, alias]));
  assert.equal(standing.size, 40);
  for (const [n, { status, json }] of answers.entries()) {
    const isSame = standing.get(`u${n % 40}`) === aliases[Math.floor(n / 40)];
    if (isSame) assert.ok(status < 300);
    // What has no alias may have come before what stands.
    else assert.ok(status === 409 || (n >= 120 && json.code === 'alias_not_found'), `${n}: ${status}`);
  }
  assert.equal(tally(answers)['201'], 40);
});

test('details.relateDetails: of hundreds at once, all that are answered stand, the last one of each batch', async () => {
  const sent = Array.from({ length: 200 }, (_, n) => ({ of: n % 20, text: `{"n": ${n}}` }));
  const answers = await atOnce(sent.length, (n) => {
    const { of = 0, text = '' } = sent[n] ?? {};
    return put(n, `/details?identifier=d${of}`, text);
  });
  assert.deepEqual(tally(answers), { 204: 200 });
  const { relateDetails, details } = detailsRepo(opened);
  await Promise.all(['1', '[2]', '{"a":3}'].map((text) => relateDetails('batch', text)));
  assert.equal(await details('batch'), '{"a":3}');
  const outcomes = await Promise.allSettled(
    ['{"a":1}', '{"a"', '{"a":2}'].map((text, n) => relateDetails(`fault-${n}`, text)),
  );
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  for (let n = 0; n < 20; n++) assert.match(await details(`d${n}`), /^\{"n": \d+\}$/);
});

test('records of one statement that exclude each other: answered as if they came one after the other', async () => {
  const create = hashCreation(opened);
  const records = [
    { hash: 'cc01', identifier: 'first' },
    { hash: 'cc02', identifier: 'first' },
    { hash: 'cc02', identifier: 'second' },
    { hash: 'cc02', identifier: 'second' },
  ];
  const outcomes = await Promise.allSettled(records.map((record) => create(record)));
  const said = outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value.created : outcome.reason.code,
  );
  assert.deepEqual(said, [true, 'hash_already_exists', true, false]);
});

test('records of one statement that differ in what one of them leaves open: the one that stands is the new one', async () => {
  const name = aliasesRepo(opened).create;
  const plain = { hash: parent, delete_token: 't' };
  // In an order that makes the sort of the statement exchange equal keys.
  const names = Array.from({ length: 60 }, (_, n) => `open-${(n * 37) % 60}`);
  const outcomes = await Promise.allSettled(
    names.flatMap((alias) => [name(alias, plain), name(alias, { ...plain, owner: 'bob' })]),
  );
  const rows = await sql<
    { alias: string; owner: string | null }[]
  >`select alias, owner from aliases where alias like 'open-%'`;
  const owners = new Map(rows.map(({ alias, owner }) => [alias, owner]));
  for (const [n, alias] of names.entries()) {
    const isBobs = owners.get(alias) === 'bob';
    const [open, bobs] = outcomes.slice(2 * n, 2 * n + 2);
    assert.ok(open?.status === 'fulfilled' && bobs, alias);
    const record = { alias, ...plain, ...(isBobs && { owner: 'bob' }) };
    assert.deepEqual(open.value, { created: !isBobs, record });
    if (bobs.status === 'fulfilled') assert.deepEqual([isBobs, bobs.value.created], [true, true]);
    else assert.deepEqual([isBobs, bobs.reason.code], [false, 'alias_already_exists']);
  }
});

test('creates at once share statements: a few of them for hundreds of calls', async () => {
  const { db: counting, count } = countingStatements(opened);
  const create = hashCreation(counting);
  const relate = variantCreation(counting);
  const { create: name } = aliasesRepo(counting);
  const { relateUrl } = proxiesRepo(counting);
  const { relateDetails } = detailsRepo(counting);
  const each = (one: (n: number) => Promise<unknown>) =>
    Promise.all(Array.from({ length: 300 }, (_, n) => one(n)));
  await each((n) => create({ hash: `dd${n.toString(16).padStart(4, '0')}`, identifier: `shared-${n}` }));
  await each((n) => relate({ hash: parent, variant: `shared-${n}`, identifier: `shared-${n}.v` }));
  await each((n) => name(`shared-${n}`, { hash: parent, delete_token: 't' }));
  await each((n) => relateUrl(`shared-${n}`, 'parent'));
  await each((n) => relateDetails(`shared-${n}`, '{}'));
  assert.ok(count() < 100, `${count()} statements`);
});

const { explain } = planner(url);

const creations: Record<string, (db: Database) => (n: number) => Promise<unknown>> = {
  hashes: (db) => {
    const create = hashCreation(db);
    return (n) => create({ hash: `ee${n.toString(16).padStart(6, '0')}`, identifier: `plan-${n}` });
  },
  variants: (db) => {
    const create = variantCreation(db);
    return (n) => create({ hash: parent, variant: `plan-${n}`, identifier: `plan-${n}.v` });
  },
  aliases: (db) => {
    const { create } = aliasesRepo(db);
    return (n) => create(`plan-${n}`, { hash: parent, delete_token: 't' });
  },
  proxies: (db) => {
    const { relateUrl } = proxiesRepo(db);
    return (n) => relateUrl(`plan-${n}`, 'parent');
  },
  details: (db) => {
    const { relateDetails } = detailsRepo(db);
    return (n) => relateDetails(`plan-${n}`, '{}');
  },
};

for (const part of ['insert', 'look'] as const) {
  test(`the ${part} of 500 creates goes by index, and compares no record with each other`, async () => {
    for (const [kind, creation] of Object.entries(creations)) {
      if (kind === 'details' && part === 'look') continue;
      const ask = async (db: Database): Promise<void> => {
        let runs = 0;
        const run: Database['run'] = async (statement) =>
          part === 'look' && runs++ < 2 ? [] : await db.run(statement);
        const create = creation({ ...db, run });
        // Each of the two inserts is for half of the callers.
        await Promise.allSettled(Array.from({ length: 1000 }, (_, n) => create(n)));
      };
      for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
        const nodes = nodesOf(await explain(ask, mode));
        assert.equal(
          nodes.some((node) => node['Node Type'] === 'ModifyTable'),
          part === 'insert',
          `${part} of ${kind}`,
        );
        for (const node of nodes) {
          const what = `${kind}: ${node['Node Type']} ${node['Relation Name']} ${node['Index Name']}`;
          // The one row of files_taken_in is read as a whole.
          assert.ok(!/^(Seq|Bitmap)/.test(node['Node Type']) || / files_taken_in /.test(what), what);
          assert.ok(
            node['Actual Rows'] * node['Actual Loops'] <= 1500,
            `${what}: ${node['Actual Rows']} rows`,
          );
        }
      }
    }
  });
}
