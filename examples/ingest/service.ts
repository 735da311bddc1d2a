import { randomUUID } from 'node:crypto';
import { askerOf, Refusal } from './http.js';

export type Service = ReturnType<typeof connectTo>;

const VARIANT = 'thumbnail/256/webp';

/** The requests of an upload, each with what it found. */
export function connectTo(base: string, key: string | undefined) {
  const ask = askerOf(base, key);
  return {
    /** Throws at once where nothing listens or the key is not taken: so would every file. */
    async check(): Promise<void> {
      await ask('GET', '/hashes/size?estimate=true', [200], { retries: 0 });
    },

    /** With the identifier that stands: an earlier upload's, if it was not ours. */
    async createHash(hash: string, identifier: string): Promise<{ created: boolean; identifier: string }> {
      const body = { identifier };
      const answer = await ask('PUT', `/hashes/${hash}`, [201, 200, 'hash_already_exists'], { body });
      return { created: answer.status === 201, identifier: answer.existing?.identifier ?? identifier };
    },

    /** Only where there are none: `created_at` is the time of the first upload. */
    async relateDetails(identifier: string, details: object): Promise<{ created: boolean }> {
      const path = `/details?identifier=${encodeURIComponent(identifier)}`;
      const standing = await ask('GET', path, [200, 'details_not_found']);
      if (standing.status === 200) return { created: false };
      await ask('PUT', path, [204], { body: { ...details, created_at: new Date().toISOString() } });
      return { created: true };
    },

    /**
     * With a new delete token each time. The first one stands, and the service tells it to whoever may write
     * (GET /v1/aliases/{alias}/delete-token), so that no file has to keep it here. An alias of an earlier run
     * is thus a conflict, with our own hash; 200 is only for the retry of a request whose answer was lost.
     */
    async createAlias(alias: string, hash: string): Promise<{ created: boolean }> {
      const body = { hash, delete_token: randomUUID() };
      const answer = await ask('PUT', `/aliases/${alias}`, [201, 200, 'alias_already_exists'], { body });
      if (answer.status !== 409) return { created: true };
      if (answer.existing?.hash === hash) return { created: false };
      throw new Refusal('alias_already_exists', `${alias} stands for another hash.`, 409);
    },

    /** Unless the thumbnail is there, or a job for it waits or runs: a run that was cut is made good. */
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
