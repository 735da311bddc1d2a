import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { notFound } from '../../problems.js';
import type { AliasAccessRepo } from '../alias-access/repo.js';
import { readSeveral } from '../bounded.js';
import type { VariantAccessRepo } from '../variant-access/repo.js';
import { AccessRecorder } from './access-recorder.js';
import { type Asked, recordAt, recordsStatement } from './record.js';

/** Which image: by its alias, or by the URL of a proxied one. */
export interface ImageKey {
  alias?: string;
  url?: string;
  variant?: string;
}

interface Dependencies {
  aliasAccess: Pick<AliasAccessRepo, 'accessed'>;
  variantAccess: Pick<VariantAccessRepo, 'accessed'>;
}

/** What an image host does in one request, each in one statement over the tables of the other repos. */
export function mediaRepo(db: Database, { aliasAccess, variantAccess }: Dependencies) {
  const recorder = new AccessRecorder();

  const readRecord = gatheredRead(db, recordsStatement, {
    sizeOf: ({ url, variant }: Asked) => url.length + variant.length,
    isTooLarge: (row) => row.is_too_large === true,
  });

  function recordAccess(text: string): void {
    const { alias, hash, variant: version }: Resolved = JSON.parse(text);
    recorder.record(alias, () => aliasAccess.accessed(alias, undefined));
    if (version === null) return;
    const { variant } = version;
    recorder.record(`${hash}/${variant}`, () => variantAccess.accessed(hash, variant, undefined));
  }

  return {
    /** Everything that serving an image needs, as JSON. */
    async resolve(key: ImageKey, options: { recordsAccess: boolean }): Promise<string> {
      const { record } = await readRecord(askedBy(key));
      if (record === null) {
        throw key.url === undefined
          ? notFound('alias_not_found', `There is no alias "${key.alias}".`)
          : notFound('proxy_not_found', 'The URL is not related to an alias.');
      }
      if (options.recordsAccess) recordAccess(record);
      return record;
    },

    /** For each image the same, or null where it is not found; as JSON. */
    resolveMany(keys: ImageKey[]): Promise<string> {
      const asked = keys.map(askedBy);
      return readSeveral(db, asked.length, (sql, n) => recordAt(sql, asked, n));
    },
  };
}

interface Resolved {
  alias: string;
  hash: string;
  variant: { variant: string } | null;
}

function askedBy({ alias = '', url = '', variant = '' }: ImageKey): Asked {
  return { alias, url, variant };
}

export type MediaRepo = ReturnType<typeof mediaRepo>;
