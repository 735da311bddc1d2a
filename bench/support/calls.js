import { image, VARIANT } from './fill.js';

/**
 * A request of each method whose statements look up rows of images, for the image of this number. Each request gets an
 * image of its own, because many change it, and one that has all: its number is a multiple of ten.
 *
 * @typedef {{ method: string, path: string, body?: unknown }} Call
 */

const encoded = encodeURIComponent;
/** Later than all that was filled in, and earlier than now. */
const LATER = '2026-06-01T00:00:00Z';
/** Long before what was filled in last: a page in the middle of the list. */
const MIDDLE = '2020-01-02T00:00:00Z';

/** @param {string} method @param {string} path @param {unknown} [body] @returns {Call} */
const call = (method, path, body) => ({ method, path: `/v1${path}`, body });
/** @param {string} name */
const fresh = (name) => `fresh/${name}`;

/** @type {Record<string, (n: number) => Call>} */
export const CALLS = {
  'media.resolve': (n) => call('GET', `/media?alias=${encoded(image(n).alias)}&variant=${encoded(VARIANT)}`),
  'media.resolve, url': (n) => call('GET', `/media?url=${encoded(image(n).url)}`),
  'media.resolve, recorded': (n) => call('GET', `/media?alias=${encoded(image(n).alias)}&record_access=true`),
  'media.resolveMany': (n) =>
    call('POST', '/media/resolve', { items: [{ alias: image(n).alias, variant: VARIANT }] }),
  'media.commitUpload': (n) =>
    call('PUT', `/media/new-${n}`, {
      hash: Buffer.from(`new-${n}`).toString('hex'),
      identifier: fresh(`upload-${n}`),
      delete_token: 't',
      details: { width: 1 },
      proxy_url: `https://images.example.org/new-${n}`,
    }),
  'media.commitUpload, standing': (n) =>
    call('PUT', `/media/again-${n}`, {
      hash: image(n).hash,
      identifier: fresh(`again-${n}`),
      delete_token: 't',
      enqueue: 'cleanup',
    }),
  'media.releaseAlias': (n) =>
    call('POST', `/media/${image(n).alias}/release`, { force: true, enqueue: 'cleanup' }),
  'media.content': (n) => call('GET', `/hashes/${image(n).hash}/content`),
  'media.find, alias': (n) => call('GET', `/find?name=${encoded(image(n).alias)}`),
  'media.find, hash': (n) => call('GET', `/find?name=${image(n).hash.slice(0, 16)}`),
  'media.find, url': (n) => call('GET', `/find?name=${encoded(image(n).url)}`),
  'media.find, owner': (n) => call('GET', `/find?name=${encoded(image(n).owner)}`),
  'hashes.hashes': (n) => call('GET', `/hashes?after=${image(n).hash}&limit=10`),
  'hashes.hash': (n) => call('GET', `/hashes/${image(n).hash}`),
  'hashes.create': (n) =>
    call('PUT', `/hashes/${Buffer.from(`made-${n}`).toString('hex')}`, { identifier: fresh(`made-${n}`) }),
  'hashes.cleanup': (n) => call('DELETE', `/hashes/${image(n).hash}`),
  'hashes.cleanup, enqueue': (n) => call('DELETE', `/hashes/${image(n).hash}?enqueue=cleanup`),
  'hashes.page': () => call('GET', '/hashes/page?limit=10&include=aliases,details,variants'),
  'hashes.page, deep': () =>
    call('GET', `/hashes/page?limit=10&include=aliases,details,variants&before=${MIDDLE}`),
  'hashes.page, of an owner': (n) => call('GET', `/hashes/page?limit=10&owner=${encoded(image(n).owner)}`),
  'hashes.page, without alias': () => call('GET', '/hashes/page?limit=10&without_alias=true'),
  'hashes.updateIdentifier': (n) =>
    call('PUT', `/hashes/${image(n).hash}/identifier`, { identifier: fresh(`moved-${n}`) }),
  'hashes.identifier': (n) => call('GET', `/hashes/${image(n).hash}/identifier`),
  'hashes.identifierMany': (n) => call('POST', '/hashes/identifiers', { hashes: [image(n).hash] }),
  'hashes.relateVariantIdentifier': (n) =>
    call('PUT', `/hashes/${image(n).hash}/variant?variant=new`, { identifier: fresh(`variant-${n}`) }),
  'hashes.variantIdentifier': (n) =>
    call('GET', `/hashes/${image(n).hash}/variant?variant=${encoded(VARIANT)}`),
  'hashes.removeVariant': (n) =>
    call('DELETE', `/hashes/${image(n).hash}/variant?variant=${encoded(VARIANT)}`),
  'hashes.variants': (n) => call('GET', `/hashes/${image(n).hash}/variants`),
  'hashes.variantsMany': (n) => call('POST', '/hashes/variants', { hashes: [image(n).hash] }),
  'hashes.relateMotionIdentifier': (n) =>
    call('PUT', `/hashes/${image(n).hash}/motion-identifier`, { identifier: fresh(`motion-${n}`) }),
  'hashes.motionIdentifier': (n) => call('GET', `/hashes/${image(n).hash}/motion-identifier`),
  'hashes.relateBlurhash': (n) => call('PUT', `/hashes/${image(n).hash}/blurhash`, { blurhash: 'L00' }),
  'hashes.blurhash': (n) => call('GET', `/hashes/${image(n).hash}/blurhash`),
  'aliases.create': (n) =>
    call('PUT', `/aliases/new-alias-${n}`, { hash: image(n).hash, delete_token: 't', owner: image(n).owner }),
  'aliases.alias': (n) => call('GET', `/aliases/${image(n).alias}`),
  'aliases.cleanup': (n) => call('DELETE', `/aliases/${image(n).alias}`),
  'aliases.deleteToken': (n) => call('GET', `/aliases/${image(n).alias}/delete-token`),
  'aliases.hash': (n) => call('GET', `/aliases/${image(n).alias}/hash`),
  'aliases.forHash': (n) => call('GET', `/hashes/${image(n).hash}/aliases`),
  'aliases.forHashMany': (n) => call('POST', '/hashes/aliases', { hashes: [image(n).hash] }),
  'aliases.setOwner': (n) => call('PUT', `/aliases/${image(n).alias}/owner`, { owner: 'another' }),
  'aliases.setExpiry': (n) =>
    call('PUT', `/aliases/${image(n).alias}/expiry`, { expires_at: '2099-06-01T00:00:00Z' }),
  'aliases.ofOwner': (n) => call('GET', `/aliases?owner=${encoded(image(n).owner)}&limit=10`),
  'blocklist.block': (n) => call('PUT', `/blocked-hashes/${image(n).hash.slice(0, 64)}`, {}),
  'blocklist.standing': (n) => call('GET', `/blocked-hashes/${image(n).hash.slice(0, 64)}/standing`),
  'variantClaims.claim': (n) =>
    call('POST', `/hashes/${image(n).hash}/variant/claim?variant=new`, { claimer: 'worker' }),
  'variantClaims.wait': (n) =>
    call('GET', `/hashes/${image(n).hash}/variant/claim?variant=${encoded(VARIANT)}`),
  'settings.set': (n) => call('PUT', `/settings/key-${n}`, { a: 1 }),
  'details.relateDetails': (n) =>
    call('PUT', `/details?identifier=${encoded(image(n).variantIdentifier)}`, { width: 2 }),
  'details.details': (n) => call('GET', `/details?identifier=${encoded(image(n).identifier)}`),
  'details.cleanup': (n) => call('DELETE', `/details?identifier=${encoded(image(n).identifier)}`),
  'details.forHashMany': (n) => call('POST', '/hashes/details', { hashes: [image(n).hash] }),
  'files.owner': (n) => call('GET', `/files?identifier=${encoded(image(n).variantIdentifier)}`),
  'files.owners': (n) => call('POST', '/files/lookup', { identifiers: [image(n).identifier] }),
  'files.unowned': (n) =>
    call('GET', `/files/unowned?older_than=${LATER}&limit=10&after=${encoded(image(n).identifier)}`),
  'files.condemn': (n) =>
    call('POST', '/files/condemn', { identifiers: [image(n).identifier], older_than: LATER }),
  'files.deleted': (n) => call('POST', '/files/deleted', { identifiers: [fresh(`gone-${n}`)] }),
  'storeMigration.unmigrated': (n) =>
    call('GET', `/store-migration/unmigrated?limit=10&after=${encoded(image(n).identifier)}`),
  'storeMigration.move': (n) =>
    call('POST', '/store-migration/move', {
      identifier: image(n).variantIdentifier,
      new_identifier: fresh(`copy-${n}`),
    }),
  'storeMigration.markMigrated': (n) =>
    call('PUT', '/store-migration/identifiers', { identifier: fresh(`marked-${n}`) }),
  'storeMigration.isMigrated': (n) =>
    call('GET', `/store-migration/identifiers?identifier=${encoded(image(n).identifier)}`),
  'proxies.relateUrl': (n) =>
    call('PUT', '/proxies', { url: `https://new.example.org/${n}`, alias: image(n).alias }),
  'proxies.related': (n) => call('GET', `/proxies?url=${encoded(image(n).url)}`),
  'proxies.removeRelation': (n) => call('DELETE', `/aliases/${image(n).alias}/proxies`),
  'aliasAccess.accessed': (n) => call('PUT', `/aliases/${image(n).alias}/access`),
  'aliasAccess.removeAccess': (n) => call('DELETE', `/aliases/${image(n).alias}/access`),
  'aliasAccess.olderAliases': () => call('GET', `/alias-access?older_than=${LATER}&limit=10`),
  'variantAccess.accessed': (n) =>
    call('PUT', `/hashes/${image(n).hash}/variant/access?variant=${encoded(VARIANT)}`),
  'variantAccess.containsVariant': (n) =>
    call('GET', `/hashes/${image(n).hash}/variant/access?variant=${encoded(VARIANT)}`),
  'variantAccess.removeAccess': (n) =>
    call('DELETE', `/hashes/${image(n).hash}/variant/access?variant=${encoded(VARIANT)}`),
  'variantAccess.olderVariants': () => call('GET', `/variant-access?older_than=${LATER}&limit=10`),
  // Last, because they remove more than the image that they are called for.
  'media.releaseOwner': (n) =>
    call('POST', '/media/release-owner', { owner: image(n).owner, limit: 10, enqueue: 'cleanup' }),
  'media.expireVariants': () =>
    call('POST', '/media/expire-variants', { older_than: LATER, limit: 10, enqueue: 'cleanup' }),
  'media.expireProxied': () =>
    call('POST', '/media/expire-proxied', { older_than: LATER, limit: 10, enqueue: 'cleanup' }),
  'media.expireAliases': () =>
    call('POST', '/media/expire-aliases', { older_than: LATER, limit: 10, enqueue: 'cleanup' }),
};

/** Why a method is not among them. @type {Record<string, string>} */
export const NOT_CALLED = {
  'hashes.size': 'counts the whole table (or reads its estimate)',
  'blocklist.blocked': 'lists its table',
  'blocklist.entry': 'the table was not filled',
  'blocklist.unblock': 'the table was not filled',
  'usage.usage': 'counts everything, in slices',
  'report.report': 'looks at everything, in slices',
  'report.clean': 'looks at everything, in passes',
  'variantClaims.heartbeat': 'claims are few',
  'variantClaims.finish': 'claims are few',
  'storeMigration.isContinuingMigration': 'counts its table',
  'settings.get': 'settings are few',
  'settings.remove': 'settings are few',
  'storeMigration.clear': 'empties its table',
};
