import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, isProblem } from '../../client/src/index.js';
import { collect } from '../support/collect.js';
import { checkAnswer, document } from '../support/contract.js';
import { startTestService } from '../support/service.js';

/** Every operation, by the typed client, against the service. */
test('each operation of the document has a method, and it asks that operation', async () => {
  const { base } = await startTestService({ QUEUE_COMPLETED_RETENTION_MINUTES: '60' });
  const asked = new Set<string>();
  const repo = createClient({
    baseUrl: `${base}/`,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const copy = response.clone();
      const { pathname, search } = new URL(String(url));
      const method = init?.method ?? 'GET';
      checkAnswer(method, pathname + search, {
        status: copy.status,
        headers: copy.headers,
        text: await copy.text(),
      });
      if (response.ok) asked.add(operationOf(method, pathname));
      return response;
    },
  });
  const hash = 'b5bb9d80';
  const identifier = '3a/7d/cat & dog?.webp';
  const variant = 'thumbnail/256/webp';
  const alias = 'cät 100%.webp';
  const url = 'https://images.example.org/a.png?size=large&x=%2F';

  const created = await repo.hashes.create({ hash }, { identifier });
  assert.deepEqual(created, { status: 201, hash, identifier });
  assert.equal((await repo.hashes.create({ hash }, { identifier })).status, 200);
  await repo.details.relateDetails({ identifier }, { width: 3, format: { Image: 'webp' } });
  assert.deepEqual(await repo.details.details({ identifier }), { width: 3, format: { Image: 'webp' } });
  await repo.aliases.create({ alias }, { hash, delete_token: 'secret' });
  assert.deepEqual(await repo.aliases.hash({ alias }), { hash });
  assert.deepEqual(await repo.aliases.deleteToken({ alias }), { delete_token: 'secret' });
  assert.deepEqual(await repo.aliases.forHash({ hash }), { aliases: [alias] });
  const bytes = Uint8Array.from([0, 255, 10]);
  assert.equal(await repo.settings.set({ key: 'k' }, bytes), undefined);
  assert.deepEqual(await repo.settings.get({ key: 'k' }), bytes);
  await repo.settings.set({ key: 'k' }, 'text');
  assert.equal(new TextDecoder().decode(await repo.settings.get({ key: 'k' })), 'text');
  await repo.settings.remove({ key: 'k' });

  assert.deepEqual(await repo.hashes.size({ estimate: false }), { size: 1 });
  assert.deepEqual(await collect(repo.hashes.hashes()), [{ hash }]);
  assert.deepEqual(await repo.hashes.identifier({ hash }), { identifier });
  const { removed: replaced } = await repo.hashes.updateIdentifier({ hash }, { identifier: 'moved' });
  assert.deepEqual(replaced.identifiers, [identifier]);
  assert.equal((await repo.files.owner({ identifier: 'moved' })).hash, hash);
  const { files } = await repo.files.owners({ identifiers: [identifier] });
  assert.deepEqual(files, [null]);
  const old = { older_than: '2100-01-01T00:00:00Z' };
  assert.deepEqual(await collect(repo.files.unowned(old)), []);
  const { condemned } = await repo.files.condemn({ identifiers: [identifier], ...old });
  assert.deepEqual(condemned, [identifier]);
  assert.ok((await repo.files.deleted({ identifiers: [identifier] })).freed_at);
  await repo.hashes.relateVariantIdentifier({ hash, variant }, { identifier: 'v' });
  assert.deepEqual(await repo.hashes.variantIdentifier({ hash, variant }), { identifier: 'v' });
  assert.deepEqual(await repo.hashes.variants({ hash }), { variants: [{ variant, identifier: 'v' }] });
  await repo.hashes.relateBlurhash({ hash }, { blurhash: 'LEHV6n' });
  assert.deepEqual(await repo.hashes.blurhash({ hash }), { blurhash: 'LEHV6n' });
  const whole = await repo.hashes.hash({ hash });
  assert.deepEqual([whole.blurhash, whole.bytes, whole.motion_identifier], ['LEHV6n', null, null]);
  const content = await repo.media.content({ hash });
  assert.equal(content.hash, hash);
  assert.equal((await repo.media.find({ name: hash.slice(0, 9) })).found[0]?.hash, hash);
  const page = await repo.hashes.page({ limit: 1, include: 'aliases,variants' });
  assert.deepEqual([page.hashes[0]?.aliases, page.next], [[alias], undefined]);
  const hashes = [hash, 'ff'];
  const identifiers = await repo.hashes.identifierMany({ hashes });
  assert.deepEqual(identifiers, { results: [{ hash, identifier: 'moved' }, null] });
  assert.equal((await repo.hashes.variantsMany({ hashes })).results[0]?.variants[0]?.identifier, 'v');
  assert.deepEqual((await repo.aliases.forHashMany({ hashes })).results[0]?.aliases, [alias]);
  assert.equal((await repo.details.forHashMany({ hashes })).results[0]?.details, null);
  await repo.aliases.setOwner({ alias }, { owner: 'of/alice' });
  await repo.aliases.setExpiry({ alias }, { expires_at: '2099-01-01T00:00:00Z' });
  const known = await repo.aliases.alias({ alias });
  assert.deepEqual([known.owner, known.expires_at], ['of/alice', '2099-01-01T00:00:00.000000Z']);
  assert.equal((await repo.aliases.ofOwner({ owner: 'of/alice' })).aliases[0]?.identifier, 'moved');
  const image = await repo.media.resolve({ alias, variant });
  assert.deepEqual([image.identifier, image.variant?.identifier], ['moved', 'v']);
  const images = await repo.media.resolveMany({ items: [{ alias }, { url: 'unknown' }] });
  assert.deepEqual(images.results, [{ ...image, variant: null }, null]);
  await repo.hashes.relateMotionIdentifier({ hash }, { identifier: 'm' });
  assert.deepEqual(await repo.hashes.motionIdentifier({ hash }), { identifier: 'm' });

  await repo.aliasAccess.accessed({ alias });
  await repo.variantAccess.accessed({ hash, variant }, { at: '2026-01-02T03:04:05Z' });
  const contains = await repo.variantAccess.containsVariant({ hash, variant });
  assert.deepEqual(contains, { contains: true, accessed: '2026-01-02T03:04:05.000000Z' });
  const older = { older_than: '2100-01-01T00:00:00Z' };
  const aliases = await collect(repo.aliasAccess.olderAliases(older));
  assert.deepEqual(
    aliases.map((row) => row.alias),
    [alias],
  );
  const variants = await collect(repo.variantAccess.olderVariants(older));
  assert.deepEqual(
    variants.map((row) => row.variant),
    [variant],
  );
  await repo.variantAccess.removeAccess({ hash, variant });
  await repo.aliasAccess.removeAccess({ alias });
  await repo.proxies.relateUrl({ url, alias });
  assert.deepEqual(await repo.proxies.related({ url }), { alias });
  await repo.proxies.removeRelation({ alias });

  const queue = 'process';
  const pushed = await repo.queue.push({ queue }, { job: 'one', priority: -1 });
  assert.deepEqual([pushed.status, pushed.duplicate], [201, false]);
  await repo.queue.pushMany({ queue }, { jobs: [{ job: null }, { job: [3] }, { job: { a: 4 } }] });
  const { jobs } = await repo.queue.pop({ queue }, { worker_id: 'w', max: 4 });
  assert.deepEqual(
    jobs.map(({ job }) => job),
    ['one', null, [3], { a: 4 }],
  );
  const [one, two, three, four] = jobs;
  assert.ok(one && two && three && four);
  const beat = await repo.queue.heartbeat({ lease: one.lease }, {});
  assert.equal(beat.cancel_requested, false);
  await repo.queue.heartbeatMany({ leases: [one.lease] });
  await repo.queue.complete({ lease: one.lease }, { result: { width: 1 } });
  const done = await repo.queue.job({ id: one.id });
  assert.deepEqual([done.state, done.result], ['completed', { width: 1 }]);
  const { results } = await repo.queue.completeMany({ leases: [one.lease] });
  assert.deepEqual(results, [{ lease: one.lease, outcome: 'gone' }]);
  const failed = await repo.queue.fail({ lease: two.lease }, { error: 'no', retry: false });
  assert.equal(failed.state, 'dead');
  assert.deepEqual(await repo.queue.release({ lease: three.lease }), { state: 'ready' });
  assert.deepEqual(await repo.queue.cancel({ id: four.id }), { status: 202 });
  assert.equal((await repo.queue.job({ id: three.id })).state, 'ready');
  assert.equal((await repo.queue.jobs({ queue, state: 'dead' })).jobs.length, 1);
  assert.equal((await repo.queue.stats({ queue })).running, 1);
  assert.equal((await repo.queue.queues()).queues.length, 1);
  assert.equal((await repo.queue.history({ queue })).shared, false);
  assert.equal((await repo.queue.find({ queue, error: 'no' })).jobs.length, 1);
  assert.equal((await repo.queue.find({ queue, payload: 'null' })).jobs.length, 1);
  assert.equal((await repo.queue.errors({ queue })).errors[0]?.error, 'no');
  assert.equal((await repo.queue.workers({})).workers.length, 1);
  assert.equal((await repo.queue.worker({ worker_id: 'w' })).running, 1);
  const choice = { match: { queue, state: 'dead' as const }, dry_run: true };
  assert.equal((await repo.queue.retry(choice)).matched, 1);
  assert.equal((await repo.queue.remove(choice)).changed, 0);
  assert.equal((await repo.queue.runNow({ ids: [three.id] })).results?.[0]?.reason, 'ready');
  await repo.queue.pause({ queue });
  await repo.queue.resume({ queue });
  assert.deepEqual(await repo.queue.redrive({ queue }), { redriven: 1, skipped: 0 });
  assert.deepEqual(await repo.queue.requeueInProgress({ worker_id: 'w', match: 'exact' }), {
    requeued: 0,
    dead: 0,
    gone: 1,
  });
  assert.deepEqual(await repo.queue.purge({ queue, which: 'waiting' }), { purged: 2 });
  assert.deepEqual(await repo.queue.cancel({ id: three.id }), { status: 204 });

  const small = { hash, variant: 'small' };
  const claim = await repo.variantClaims.claim(small, { claimer: 'c' });
  assert.deepEqual([claim.status, claim.state], [201, 'claimed']);
  const { token = '' } = claim;
  await repo.variantClaims.heartbeat(small, { token, lease_seconds: 5 });
  assert.equal((await repo.variantClaims.wait({ ...small, wait: 0 })).state, 'claimed');
  const finished = await repo.variantClaims.finish(small, { token, identifier: 'small.webp' });
  assert.deepEqual(finished, { state: 'done', identifier: 'small.webp', unneeded: [] });
  await repo.hashes.removeVariant(small);

  const { id } = await repo.uploads.create({ enqueue: queue });
  await repo.uploads.complete({ id }, { alias, token: 'secret' });
  assert.equal((await repo.uploads.upload({ id, wait: 1 })).state, 'completed');
  assert.equal((await repo.uploads.claim({ id }, { claimer: 'c' })).token, 'secret');
  assert.deepEqual((await repo.uploads.discard({ id })).removed.aliases, []);

  await repo.storeMigration.markMigrated({ identifier, new_identifier: 'moved' });
  assert.deepEqual(await repo.storeMigration.isMigrated({ identifier }), { migrated: true });
  assert.equal((await repo.storeMigration.isContinuingMigration()).continuing, true);
  assert.deepEqual(await collect(repo.storeMigration.unmigrated()), [
    { identifier: 'm' },
    { identifier: 'v' },
  ]);
  const move = await repo.storeMigration.move({ identifier: 'v', new_identifier: 'bucket/v' });
  assert.deepEqual([move.moved, move.removed.identifiers, move.unneeded], [true, ['v'], []]);
  await repo.storeMigration.clear();

  await assert.rejects(
    repo.hashes.cleanup({ hash, only_if_unreferenced: true }),
    (error) => isProblem(error, 'hash_in_use') && error.status === 409,
  );
  await repo.aliases.cleanup({ alias });
  assert.deepEqual(await repo.hashes.removeVariant({ hash, variant }), {
    removed: { identifiers: ['bucket/v'] },
  });
  await repo.details.cleanup({ identifier });
  const { removed } = await repo.hashes.cleanup({ hash });
  assert.deepEqual(removed, { aliases: [], variants: [], identifiers: ['m', 'moved'] });

  const nothing = { aliases: [], hashes: [], variants: [], identifiers: [] };
  const past = { older_than: '2020-01-01T00:00:00Z' };
  assert.deepEqual(await repo.media.expireVariants(past), { removed: nothing, more: false });
  assert.deepEqual(await repo.media.expireProxied(past), { removed: nothing, more: false });
  assert.deepEqual(await repo.media.expireAliases(past), { removed: nothing, more: false });
  assert.deepEqual(await repo.media.releaseOwner({ owner: 'of/alice' }), { removed: nothing, more: false });
  await repo.hashes.create({ hash }, { identifier: 'again' });
  await repo.aliases.create({ alias }, { hash, delete_token: 'secret' });
  const other = { hash: 'b5', identifier: 'uploaded', delete_token: 'other', details: { width: 1 } };
  const committed = await repo.media.commitUpload({ alias: 'other.png' }, other);
  assert.deepEqual([committed.status, committed.content, committed.unneeded], [201, 'created', []]);
  const released = await repo.media.releaseAlias({ alias }, { delete_token: 'secret' });
  assert.deepEqual(released, {
    removed: { ...nothing, aliases: [alias], hashes: [hash], identifiers: ['again'] },
  });

  const digest = 'ab'.repeat(32);
  const blocked = await repo.blocklist.block({ digest }, { reason: 'unlawful' });
  assert.deepEqual([blocked.status, blocked.reason], [201, 'unlawful']);
  assert.equal((await repo.blocklist.entry({ digest })).reason, 'unlawful');
  assert.equal((await collect(repo.blocklist.blocked()))[0]?.digest, digest);
  assert.deepEqual(await repo.blocklist.standing({ digest }), { contents: [] });
  await assert.rejects(
    repo.hashes.create({ hash: digest }, { identifier: 'blocked' }),
    (error) => isProblem(error, 'hash_blocked') && error.status === 403,
  );
  await repo.blocklist.unblock({ digest });
  const usage = await repo.usage.usage({ by: 'kind' });
  assert.deepEqual([usage.by, usage.groups[0]?.name], ['kind', 'original']);
  const { findings } = await repo.report.report();
  assert.equal(findings.find(({ kind }) => kind === 'blocked_contents')?.count, 0);
  const cleaned = await repo.report.clean({ kind: 'details_without_owner', ...past, dry_run: true });
  assert.deepEqual(cleaned, { removed: nothing, repaired: [], more: false });

  const documented = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([, path]) => Object.values(path));
  assert.deepEqual([...asked].sort(), documented.map(({ operationId }) => operationId).sort());
});

function operationOf(method: string, path: string): string {
  const segments = path.split('/').length;
  const found = Object.entries(document.paths)
    .filter(([template]) => template.split('/').length === segments)
    .sort(([a], [b]) => a.split('{').length - b.split('{').length)
    .find(
      ([template, operations]) =>
        new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path) &&
        method.toLowerCase() in operations,
    );
  return found?.[1][method.toLowerCase()]?.operationId ?? `${method} ${path}`;
}
