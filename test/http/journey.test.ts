import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document } from '../support/contract.js';
import { startTestService } from '../support/service.js';

/** The life of an image, as a client of every route lives it. */
test('an image is uploaded, viewed, processed, proxied, expired and deleted', async () => {
  const { ask } = await startTestService({ QUEUE_COMPLETED_RETENTION_MINUTES: '60' });
  const asked = new Set<string>();
  const step = async (operation: string, status: number, method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, body);
    assert.equal(answer.status, status, `${operation}: ${answer.text}`);
    asked.add(operation);
    return answer;
  };
  const hash = 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c00000000010005';
  const original = '3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.jpeg';
  const webp = '8e/51/0b/66/d3/3a/7d/01/9f/c2/a91c5be2f4d3.webp';
  const motion = '01/9f/c2/44/8e/51/0b/66/3a/7d/5be2f4d3a91c.mp4';
  const alias = '7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg';
  const token = '0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10';
  const variant = encodeURIComponent('thumbnail/256/webp');
  const details = '{"width":1920, "height":1080,"frames":null,"n":1e300,"z":-0}';
  const url = 'https://images.example.org/a.png?size=large&x=%2F';

  // Upload.
  await step('hashes.create', 201, 'PUT', `/hashes/${hash}`, { identifier: original });
  await step(
    'details.relateDetails',
    204,
    'PUT',
    `/details?identifier=${encodeURIComponent(original)}`,
    details,
  );
  await step('aliases.create', 201, 'PUT', `/aliases/${alias}`, { hash, delete_token: token });
  await step('settings.set', 204, 'PUT', '/settings/last-path', Buffer.from([0, 255, 10]));
  const setting = await step('settings.get', 200, 'GET', '/settings/last-path');
  assert.equal(setting.headers.get('content-type'), 'application/octet-stream');
  const pushed = await step('queue.push', 201, 'POST', '/queues/process/jobs', {
    job: { Generate: { source: alias } },
  });
  assert.equal(pushed.json.duplicate, false);

  // View.
  assert.deepEqual((await step('aliases.hash', 200, 'GET', `/aliases/${alias}/hash`)).json, { hash });
  assert.deepEqual((await step('hashes.identifier', 200, 'GET', `/hashes/${hash}/identifier`)).json, {
    identifier: original,
  });
  const read = await step(
    'details.details',
    200,
    'GET',
    `/details?identifier=${encodeURIComponent(original)}`,
  );
  assert.equal(read.text, details);
  await step('hashes.size', 200, 'GET', '/hashes/size');
  const all = await step('hashes.hashes', 200, 'GET', '/hashes');
  assert.equal(all.text, `{"hash":"${hash}"}\n{"end":true,"count":1}\n`);

  const resolved = await step('media.resolve', 200, 'GET', `/media?alias=${alias}`);
  assert.equal(resolved.json.identifier, original);
  const items = [{ alias }, { alias: 'unknown' }];
  const { json } = await step('media.resolveMany', 200, 'POST', '/media/resolve', { items });
  assert.deepEqual(json.results, [resolved.json, null]);

  // Process.
  const popped = await step('queue.pop', 200, 'POST', '/queues/process/pop', { worker_id: 'pict-0' });
  const [job] = popped.json.jobs;
  assert.deepEqual(job.job, { Generate: { source: alias } });
  assert.equal(job.attempt, 1);
  await step('hashes.relateVariantIdentifier', 201, 'PUT', `/hashes/${hash}/variant?variant=${variant}`, {
    identifier: webp,
  });
  await step('queue.complete', 204, 'POST', `/leases/${job.lease}/complete`, { result: webp });
  const completed = await step('queue.job', 200, 'GET', `/jobs/${job.id}`);
  assert.deepEqual([completed.json.state, completed.json.result], ['completed', webp]);
  assert.equal((await ask('POST', `/leases/${job.lease}/complete`)).json.state, 'gone');
  await step('queue.requeueInProgress', 200, 'POST', '/workers/pict-0/requeue');
  await step('hashes.variantIdentifier', 200, 'GET', `/hashes/${hash}/variant?variant=${variant}`);
  await step('media.content', 200, 'GET', `/hashes/${hash}/content`);
  await step('media.find', 200, 'GET', `/find?name=${hash}`);
  const variants = await step('hashes.variants', 200, 'GET', `/hashes/${hash}/variants`);
  assert.deepEqual(variants.json, { variants: [{ variant: 'thumbnail/256/webp', identifier: webp }] });
  await step('hashes.relateMotionIdentifier', 200, 'PUT', `/hashes/${hash}/motion-identifier`, {
    identifier: motion,
  });
  await step('hashes.motionIdentifier', 200, 'GET', `/hashes/${hash}/motion-identifier`);
  await step('variantAccess.accessed', 204, 'PUT', `/hashes/${hash}/variant/access?variant=${variant}`);
  const contains = await step(
    'variantAccess.containsVariant',
    200,
    'GET',
    `/hashes/${hash}/variant/access?variant=${variant}`,
  );
  assert.equal(contains.json.contains, true);

  // Look at it.
  await step('hashes.relateBlurhash', 204, 'PUT', `/hashes/${hash}/blurhash`, { blurhash: 'LEHV6nWB' });
  await step('hashes.blurhash', 200, 'GET', `/hashes/${hash}/blurhash`);
  const whole = await step('hashes.hash', 200, 'GET', `/hashes/${hash}`);
  assert.equal(whole.json.blurhash, 'LEHV6nWB');
  await step('aliases.setOwner', 204, 'PUT', `/aliases/${alias}/owner`, { owner: 'alice' });
  await step('aliases.setExpiry', 204, 'PUT', `/aliases/${alias}/expiry`, {
    expires_at: '2099-01-01T00:00:00Z',
  });
  const named = await step('aliases.alias', 200, 'GET', `/aliases/${alias}`);
  const owned = await step('aliases.ofOwner', 200, 'GET', '/aliases?owner=alice');
  assert.deepEqual(owned.json.aliases, [{ ...named.json, identifier: original }]);
  const content = await step('media.content', 200, 'GET', `/hashes/${hash}/content`);
  assert.equal(content.json.identifier, whole.json.identifier);
  const page = await step('hashes.page', 200, 'GET', '/hashes/page?include=aliases');
  assert.deepEqual(page.json.hashes, [{ ...whole.json, aliases: [alias], aliases_more: false }]);
  for (const [operation, what] of [
    ['hashes.identifierMany', 'identifiers'],
    ['hashes.variantsMany', 'variants'],
    ['aliases.forHashMany', 'aliases'],
    ['details.forHashMany', 'details'],
  ] as const) {
    const { json } = await step(operation, 200, 'POST', `/hashes/${what}`, { hashes: [hash, 'ff'] });
    assert.deepEqual([json.results[0].hash, json.results[1]], [hash, null]);
  }

  // Run the queue.
  const jobs = { jobs: [{ job: 1 }, { job: 2 }, { job: 3 }, { job: 4 }] };
  await step('queue.pushMany', 200, 'POST', '/queues/process/jobs/batch', jobs);
  const hand = await step('queue.pop', 200, 'POST', '/queues/process/pop', { worker_id: 'pict-1', max: 4 });
  const [one, two, three, four] = hand.json.jobs;
  await step('queue.heartbeat', 200, 'POST', `/leases/${one.lease}/heartbeat`);
  await step('queue.heartbeatMany', 200, 'POST', '/leases/heartbeat', { leases: [one.lease, two.lease] });
  await step('queue.completeMany', 200, 'POST', '/leases/complete', { leases: [one.lease] });
  await step('queue.fail', 200, 'POST', `/leases/${two.lease}/fail`, { error: 'no', retry: false });
  await step('queue.release', 200, 'POST', `/leases/${three.lease}/release`);
  await step('queue.cancel', 202, 'DELETE', `/jobs/${four.id}`);
  await step('queue.job', 200, 'GET', `/jobs/${three.id}`);
  await step('queue.jobs', 200, 'GET', '/queues/process/jobs?state=dead');
  await step('queue.errors', 200, 'GET', '/queues/process/errors');
  await step('queue.find', 200, 'GET', '/jobs?state=dead');
  await step('queue.workers', 200, 'GET', '/workers');
  await step('queue.worker', 200, 'GET', '/workers/pict-1');
  await step('queue.retry', 200, 'POST', '/jobs/retry', { ids: [two.id] });
  await step('queue.runNow', 200, 'POST', '/jobs/run-now', { ids: [two.id] });
  await step('queue.remove', 200, 'POST', '/jobs/remove', { ids: [two.id] });
  await step('queue.stats', 200, 'GET', '/queues/process');
  await step('queue.queues', 200, 'GET', '/queues');
  await step('queue.history', 200, 'GET', '/queues/process/history');
  await step('queue.pause', 204, 'POST', '/queues/process/pause');
  await step('queue.resume', 204, 'POST', '/queues/process/resume');
  await step('queue.redrive', 200, 'POST', '/queues/process/redrive');
  await step('queue.purge', 200, 'POST', '/queues/process/purge?which=waiting');

  // Proxy and access.
  await step('proxies.relateUrl', 201, 'PUT', '/proxies', { url, alias });
  const related = await step('proxies.related', 200, 'GET', `/proxies?url=${encodeURIComponent(url)}`);
  assert.deepEqual(related.json, { alias });
  await step('aliasAccess.accessed', 204, 'PUT', `/aliases/${alias}/access`);

  // Expire.
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const olderAliases = await step(
    'aliasAccess.olderAliases',
    200,
    'GET',
    `/alias-access?older_than=${tomorrow}`,
  );
  assert.equal(JSON.parse(olderAliases.text.split('\n')[0] ?? '').alias, alias);
  const olderVariants = await step(
    'variantAccess.olderVariants',
    200,
    'GET',
    `/variant-access?older_than=${tomorrow}`,
  );
  assert.equal(JSON.parse(olderVariants.text.split('\n')[0] ?? '').variant, 'thumbnail/256/webp');
  await step(
    'variantAccess.removeAccess',
    204,
    'DELETE',
    `/hashes/${hash}/variant/access?variant=${variant}`,
  );
  const gone = await step(
    'hashes.removeVariant',
    200,
    'DELETE',
    `/hashes/${hash}/variant?variant=${variant}`,
  );
  assert.deepEqual(gone.json, { removed: { identifiers: [webp] } });
  await step('proxies.removeRelation', 204, 'DELETE', `/aliases/${alias}/proxies`);
  await step('aliasAccess.removeAccess', 204, 'DELETE', `/aliases/${alias}/access`);

  // A variant that one of many workers makes.
  const claim = `/hashes/${hash}/variant/claim`;
  const held = await step('variantClaims.claim', 201, 'POST', `${claim}?variant=v`, { claimer: 'c' });
  const { token: right } = held.json;
  await step('variantClaims.heartbeat', 200, 'POST', `${claim}/heartbeat?variant=v`, { token: right });
  const end = { token: right, identifier: 'v.webp' };
  await step('variantClaims.finish', 200, 'POST', `${claim}/finish?variant=v`, end);
  const ended = await step('variantClaims.wait', 200, 'GET', `${claim}?variant=v&wait=5`);
  assert.deepEqual(ended.json, { state: 'done', identifier: 'v.webp' });
  await ask('DELETE', `/hashes/${hash}/variant?variant=v`);

  // An upload in the background.
  const begun = await step('uploads.create', 201, 'POST', '/uploads', { enqueue: 'cleanup' });
  const at = `/uploads/${begun.json.id}`;
  await step('uploads.complete', 204, 'PUT', `${at}/result`, { alias, token });
  assert.equal((await step('uploads.upload', 200, 'GET', `${at}?wait=5`)).json.state, 'completed');
  const claimed = await step('uploads.claim', 200, 'POST', `${at}/claim`, { claimer: 'c' });
  assert.equal(claimed.json.token, token);
  await step('uploads.discard', 200, 'DELETE', at);

  // Move to another store.
  const moved = 's3/original.jpeg';
  await step('storeMigration.isContinuingMigration', 200, 'GET', '/store-migration');
  const replaced = await step('hashes.updateIdentifier', 200, 'PUT', `/hashes/${hash}/identifier`, {
    identifier: moved,
  });
  await step('files.owner', 200, 'GET', `/files?identifier=${moved}`);
  const { identifiers } = replaced.json.removed;
  const { files } = (await step('files.owners', 200, 'POST', '/files/lookup', { identifiers })).json;
  assert.deepEqual(files, [null]);
  const cleaned = { identifiers, older_than: '2100-01-01T00:00:00Z' };
  await step('files.unowned', 200, 'GET', '/files/unowned?older_than=2100-01-01T00:00:00Z');
  const { condemned } = (await step('files.condemn', 200, 'POST', '/files/condemn', cleaned)).json;
  assert.deepEqual(condemned, identifiers);
  await step('files.deleted', 200, 'POST', '/files/deleted', { identifiers });
  await step('storeMigration.markMigrated', 204, 'PUT', '/store-migration/identifiers', {
    identifier: original,
    new_identifier: moved,
  });
  const migrated = await step(
    'storeMigration.isMigrated',
    200,
    'GET',
    `/store-migration/identifiers?identifier=${encodeURIComponent(moved)}`,
  );
  assert.deepEqual(migrated.json, { migrated: true });
  const rest = await step('storeMigration.unmigrated', 200, 'GET', '/store-migration/unmigrated');
  assert.deepEqual(JSON.parse(rest.text.split('\n')[0] ?? ''), { identifier: motion });
  const move = { identifier: motion, new_identifier: 's3/motion.mp4' };
  const done = await step('storeMigration.move', 200, 'POST', '/store-migration/move', move);
  assert.deepEqual(done.json, { moved: true, removed: { identifiers: [motion] }, unneeded: [] });
  await step('storeMigration.clear', 204, 'DELETE', '/store-migration');
  await step('details.cleanup', 204, 'DELETE', `/details?identifier=${encodeURIComponent(original)}`);

  // Delete.
  const secret = await step('aliases.deleteToken', 200, 'GET', `/aliases/${alias}/delete-token`);
  assert.deepEqual(secret.json, { delete_token: token });
  assert.deepEqual((await step('aliases.forHash', 200, 'GET', `/hashes/${hash}/aliases`)).json, {
    aliases: [alias],
  });
  await step('aliases.cleanup', 204, 'DELETE', `/aliases/${alias}`);
  const removed = await step('hashes.cleanup', 200, 'DELETE', `/hashes/${hash}?only_if_unreferenced=true`);
  assert.deepEqual(removed.json, {
    removed: { aliases: [], variants: [], identifiers: [move.new_identifier, moved] },
  });

  // In passes.
  const pass = { older_than: tomorrow, enqueue: 'cleanup' };
  await step('media.expireVariants', 200, 'POST', '/media/expire-variants', pass);
  await step('media.expireProxied', 200, 'POST', '/media/expire-proxied', pass);
  await step('media.expireAliases', 200, 'POST', '/media/expire-aliases', pass);
  await step('media.releaseOwner', 200, 'POST', '/media/release-owner', { owner: 'alice' });
  const last = 'last.jpeg';
  const upload = { hash, identifier: `again/${original}`, delete_token: token, details: { width: 1 } };
  await step('media.commitUpload', 201, 'PUT', `/media/${last}`, upload);
  const released = await step('media.releaseAlias', 200, 'POST', `/media/${last}/release`, {
    delete_token: token,
  });
  assert.deepEqual(released.json.removed.identifiers, [`again/${original}`]);
  await step('settings.remove', 204, 'DELETE', '/settings/last-path');

  // Block.
  const blocked = `/blocked-hashes/${hash.slice(0, 64)}`;
  await step('blocklist.block', 201, 'PUT', blocked, { reason: 'reported' });
  await step('blocklist.entry', 200, 'GET', blocked);
  await step('blocklist.standing', 200, 'GET', `${blocked}/standing`);
  await step('blocklist.blocked', 200, 'GET', '/blocked-hashes');
  await step('blocklist.unblock', 204, 'DELETE', blocked);

  // Look after it.
  await step('usage.usage', 200, 'GET', '/usage?by=format');
  await step('report.report', 200, 'GET', '/report');
  await step('report.clean', 200, 'POST', '/report/clean', { kind: 'blocked_contents', dry_run: true });

  const documented = Object.values(document.paths).flatMap((path) => Object.values(path));
  const ofRepos = documented
    .map(({ operationId }) => operationId)
    .filter((id) => !id.startsWith('operations.'));
  assert.deepEqual([...asked].sort(), ofRepos.sort());
});
