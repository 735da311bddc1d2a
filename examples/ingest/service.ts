import { randomUUID } from 'node:crypto';
import { askerOf, Refusal } from './http.js';
import type { Image } from './image.js';

export type Service = ReturnType<typeof connectTo>;

type Upload = Pick<Image, 'alias' | 'hash' | 'identifier' | 'details' | 'bytes'>;

const VARIANT = 'thumbnail/256/webp';

/** The requests of an upload. Each returns what it has created or found. */
export function connectTo(base: string, key: string | undefined) {
  const ask = askerOf(base, key);
  return {
    /** Throws if the service cannot be reached or refuses the key, because every upload would then fail. */
    async check(): Promise<void> {
      await ask('GET', '/hashes/size?estimate=true', [200], { retries: 0 });
    },

    /**
     * Creates content, details and alias in one request, with a new delete token each time. The token of the first run
     * stays, and any client with a key to write can read it (GET /v1/aliases/{alias}/delete-token), so it is not kept
     * here. So an alias of an earlier run is a conflict, with the same hash; 200 is only for the retry of a request
     * whose answer was lost. If the content exists already, its details stay: `created_at` is the time of the first
     * upload.
     */
    async commit({
      alias,
      hash,
      identifier,
      details,
      bytes,
    }: Upload): Promise<{ created: boolean; unneeded: string[]; refusal?: Refusal }> {
      const body = {
        hash,
        identifier,
        delete_token: randomUUID(),
        bytes: bytes.length,
        details: { ...details, created_at: new Date().toISOString() },
      };
      const expected = [201, 200, 'alias_already_exists', 'hash_blocked'];
      const answer = await ask('PUT', `/media/${alias}`, expected, { body });
      const { unneeded = [], code, detail = '' } = answer;
      // This fault is of one image only, unlike a key that may not write. The other images go on.
      if (code === 'hash_blocked')
        return { created: false, unneeded, refusal: new Refusal(code, detail, 409) };
      if (answer.status !== 409) return { created: true, unneeded };
      if (answer.existing?.hash === hash) return { created: false, unneeded };
      throw new Refusal('alias_already_exists', `${alias} stands for another hash.`, 409);
    },

    /** Reports that the file was deleted from the store, so that its name can be used again. */
    async deleted(identifier: string): Promise<void> {
      await ask('POST', '/files/deleted', [200], { body: { identifiers: [identifier] } });
    },

    /** Pushes a job for the thumbnail, unless it exists, or its job waits or runs. */
    async pushThumbnail(queue: string, hash: string, alias: string): Promise<{ created: boolean }> {
      const variant = `/hashes/${hash}/variant?variant=${encodeURIComponent(VARIANT)}`;
      const standing = await ask('GET', variant, [200, 'variant_not_found']);
      if (standing.status === 200) return { created: false };
      const generate = { target_format: 'webp', source: alias, process_path: VARIANT };
      const body = {
        job: { Generate: { ...generate, process_args: ['thumbnail=256'] } },
        unique_key: `${VARIANT} of ${alias}`,
      };
      const pushed = await ask('POST', `/queues/${encodeURIComponent(queue)}/jobs`, [201, 200], { body });
      return { created: pushed.status === 201 };
    },
  };
}
