import assert from 'node:assert/strict';
import type { Answer, TestService } from './service.js';

const hash = (n: number): string => `b5bb${String(n).padStart(4, '0')}ff00`;
const id = (n: number): string => `01939a3c-0000-7000-8000-00000000${String(n).padStart(4, '0')}`;
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const AT = '2026-11-22T13:14:56.120003Z';

/** Asks every repo for what depends on how text is read and written; what it answered, without what time and chance make. */
export async function askEveryRepo({ ask, base }: TestService): Promise<string[]> {
  const said: string[] = [];
  const note = (what: string, { status, text }: Pick<Answer, 'status' | 'text'>): void => {
    said.push(`${what}: ${status} ${text}`.replace(TIMES, '<time>').replace(CHANCE, '<chance>'));
  };
  const step = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await ask(method, path, body);
    note(`${method} ${path}`, answer);
    return answer;
  };
  const together = async (...asked: [string, string, unknown?][]): Promise<void> => {
    const answers = await Promise.all(asked.map(([method, path, body]) => ask(method, path, body)));
    for (const [at, answer] of answers.entries()) note(String(asked[at]?.slice(0, 2)), answer);
  };

  // More than one digit of them.
  for (let n = 0; n < 12; n++) await step('PUT', `/hashes/${hash(n)}`, { identifier: `ü\\/'${n}` });
  await step('PUT', `/hashes/${hash(1)}`, { identifier: 'other' });
  await step('GET', `/hashes/${hash(1)}/identifier`);
  await step('GET', '/hashes/size');
  await step('GET', '/hashes/size?estimate=true');
  await step('GET', `/hashes?after=${hash(3)}&limit=5`);
  await step('GET', `/hashes/${hash(3)}`);
  const page = await ask('GET', '/hashes/page?limit=5&include=aliases,details,variants');
  const next = await ask('GET', `/hashes/page?limit=5&cursor=${page.json.next}`);
  const newest = [...page.json.hashes, ...next.json.hashes].map((one: { hash: string }) => one.hash);
  assert.deepEqual(
    newest,
    Array.from({ length: 10 }, (_, n) => hash(11 - n)),
  );
  await step('GET', '/hashes/page?format=unknown&without_alias=true&since=2026-01-01T00:00:00%2B01:00');
  await step('POST', '/hashes/details', { hashes: [hash(1), hash(99)] });
  await step('PUT', `/hashes/${hash(1)}/variant?variant=a%5Cb`, { identifier: 'v\\1 😀' });
  await step('GET', `/hashes/${hash(1)}/variants`);
  await step('PUT', `/hashes/${hash(1)}/motion-identifier`, { identifier: "m'" });
  await step('GET', `/hashes/${hash(1)}/motion-identifier`);

  for (const alias of ['eins', 'zwei', 'drei']) {
    await step('PUT', `/aliases/${alias}`, { hash: hash(1), delete_token: '\\x41' });
  }
  await step('GET', '/aliases/eins/delete-token');
  await step('GET', '/aliases/eins/hash');
  await step('PUT', '/aliases/eins/owner', { owner: '\\ü' });
  await step('PUT', '/aliases/zwei/expiry', { expires_at: AT });
  await step('GET', '/aliases/zwei');
  await step('GET', '/aliases/zwei/hash');
  await step('PUT', '/aliases/drei', {
    hash: hash(1),
    delete_token: '\\x41',
    owner: '\\x',
    expires_at: null,
  });
  const owned = await step('GET', '/aliases?owner=%5C%C3%BC&before=2126-11-23T00:00:00%2B01:00');
  assert.match(owned.json.aliases[0].created_at, TIME);
  await step('PUT', '/proxies', { url: 'https://example.org/ü?\\', alias: 'eins' });
  await step('GET', `/proxies?url=${encodeURIComponent('https://example.org/ü?\\')}`);
  await step('PUT', '/details?identifier=%5C', '{"n":-0,"x":"\\\\ü", "big":1e300}');
  await step('GET', '/details?identifier=%5C');
  await step('PUT', '/settings/bytes', EVERY_BYTE);
  const bytes = await fetch(`${base}/v1/settings/bytes`);
  assert.deepEqual(Buffer.from(await bytes.arrayBuffer()), EVERY_BYTE);
  await step('PUT', '/store-migration/identifiers', { identifier: '\\', new_identifier: 'ü' });
  await step('GET', `/store-migration/identifiers?identifier=${encodeURIComponent('ü')}`);
  await step('GET', '/store-migration');

  await step('PUT', `/blocked-hashes/${'ab'.repeat(32)}`, { reason: '\\ü' });
  await step('GET', '/blocked-hashes');
  await step('GET', `/blocked-hashes/${'ab'.repeat(32)}/standing`);
  await step('GET', '/report?max_age=0');
  await step('POST', '/report/clean', { kind: 'owners_without_file' });
  for (const by of ['format', 'owner', 'kind', 'age']) await step('GET', `/usage?by=${by}`);

  // The same statement, with a time and without.
  await together(
    ['PUT', '/aliases/eins/access', { at: AT }],
    ['PUT', '/aliases/zwei/access', {}],
    ['PUT', '/aliases/drei/access', { at: '2026-02-01T00:00:00+05:30' }],
  );
  const accessed = await ask('GET', '/alias-access?older_than=2026-11-23T00:00:00Z');
  assert.match(
    accessed.text,
    /"alias":"drei","accessed":"2026-01-31T18:30:00.000000Z".*\n.*"eins".*56\.120003Z/,
  );
  await step('GET', '/alias-access?older_than=2126-11-23T00:00:00Z');
  await step('PUT', `/hashes/${hash(1)}/variant/access?variant=a%5Cb`, { at: AT });
  const contained = await ask('GET', `/hashes/${hash(1)}/variant/access?variant=a%5Cb`);
  assert.equal(contained.json.accessed, AT);
  await step('GET', '/variant-access?older_than=2126-11-23T00:00:00Z');

  // Mixed batches: of each column some jobs have a value and others none.
  const mixed = [
    { id: id(0), job: 'plain' },
    { id: id(1), job: { '\\': 'ü😀' }, unique_key: 'k', priority: 3, max_attempts: 2, lease_seconds: 30 },
    { id: id(2), job: null, unique_key: 'null' },
    { id: id(3), job: 1e300, run_at: '2099-11-22T13:14:56.000001Z' },
    { id: id(4), job: -0, delay_seconds: 3e8 },
    ...Array.from({ length: 10 }, (_, n) => ({ id: id(10 + n), job: n })),
  ];
  await step('POST', '/queues/q/jobs/batch', { jobs: mixed });
  await step('POST', '/queues/q/jobs/batch', { jobs: mixed });
  await together(
    ['POST', '/queues/other/jobs', { job: 1, id: id(30), unique_key: 'k' }],
    ['POST', '/queues/other/jobs', { job: 2, id: id(31) }],
    ['POST', '/queues/other/jobs', { job: 3, id: id(32), unique_key: 'k' }],
  );
  await step('GET', '/queues/q/jobs?limit=100');
  await step('GET', `/jobs/${id(3)}`);
  await step('GET', '/queues');
  const keyed = { worker_id: 'w', idempotency_key: '\\', max: 3, lease_seconds: 40 };
  const first = await step('POST', '/queues/q/pop', keyed);
  await step('POST', '/queues/q/pop', keyed);
  const [one, two, three] = first.json.jobs.map((job: { lease: string }) => job.lease);
  await step('POST', `/leases/${one}/heartbeat`, { lease_seconds: 90 });
  await step('POST', '/leases/heartbeat', { leases: [one, two] });
  await together(
    ['POST', `/leases/${one}/fail`, { error: "\\x41 'ü", delay_seconds: 100 }],
    ['POST', `/leases/${two}/fail`, { retry: false }],
    ['POST', `/leases/${three}/release`],
  );
  await step('GET', '/queues/q/jobs?state=dead');
  await step('GET', `/jobs/${id(0)}`);
  await step('POST', '/queues/q/redrive');
  const rest = await step('POST', '/queues/q/pop', { worker_id: 'x', max: 100 });
  await step('POST', '/leases/complete', { leases: [rest.json.jobs[0].lease, `${id(99)}.1`] });
  await step('POST', '/workers/x/requeue');
  await step('POST', '/queues/q/pause');
  await step('GET', '/queues/q');

  // Handed over by the push itself.
  const parked = ask('POST', '/queues/direct/pop', { worker_id: 'w', wait_seconds: 20 });
  await ask('POST', '/queues/direct/jobs', { job: 'ü', id: id(40) });
  note('handed over', await parked);

  await step('POST', '/queues/q/purge?which=waiting');
  await step('DELETE', `/hashes/${hash(1)}?enqueue=cleanup`);
  await step('POST', '/queues/cleanup/pop', { worker_id: 'w', max: 10 });
  await step('DELETE', '/settings/bytes');
  return said;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const TIMES = /(?<=")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z(?=")/g;
const CHANCE =
  /(?<=_seconds":)[\d.]+|(?<="request_id":")[^"]+|(?<=-[0-9a-f]{12}\.\d+\.)\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){2}-(?!8000-0000)[0-9a-f]{4}-[0-9a-f]{12}/g;
