import { column } from '../../database/column.js';
import type { Database } from '../../database/database.js';
import { constant } from '../../database/driver/constant.js';
import { conflict } from '../../problems.js';
import { hashBlocked } from '../blocked.js';
import { type Creation, underHash } from '../creation-sql.js';
import { isLive } from '../doomed.js';
import { gatheredCreate } from '../gathered-create.js';
import { bytes, type VariantKey } from '../values.js';
import { hashNotFound, identifierCondemned, identifierUsed } from './refusals.js';

interface File {
  identifier: string;
  /**
   * Null or undefined if the size is unknown. It is not compared with an existing record; a missing size is filled in.
   */
  bytes?: number | null | undefined;
}

interface Content extends File {
  hash: string;
}

interface Variant extends VariantKey, File {}

const isSameFile = (file: File, existing: File): boolean => file.identifier === existing.identifier;

/** The sizes for the statement, -1 where unknown. The array is empty if no request has a size, as most have none. */
const sizes = (files: File[]): number[] => column(files, ({ bytes }) => bytes, -1);

const file = constant((sql) => sql`asked.identifier`);

const ofContents: Creation<Content> = {
  table: constant((sql) => sql`hashes`),
  asked: (sql, contents) => sql`
    unnest(
      ${contents.map(({ hash }) => hash)}::text[],
      ${contents.map(({ identifier }) => identifier)}::text[],
      ${sizes(contents)}::float8[]
    ) with ordinality as asked (hash, identifier, bytes, n)`,
  columns: constant((sql) => sql`hash, identifier, bytes`),
  values: constant((sql) => sql`decode(hash, 'hex'), identifier, nullif(bytes, -1)::bigint`),
  order: constant((sql) => sql`decode(hash, 'hex')`),
  shown: constant((sql) => sql`encode(hash, 'hex') as hash, identifier, bytes`),
  hasKey: constant((sql) => sql`hash = decode(asked.hash, 'hex')`),
  isLive: constant((sql) => sql`doomed_at is null`),
  file,
  content: constant((sql) => sql`decode(asked.hash, 'hex')`),
};

/** Creates a hash with its file. */
export function hashCreation(db: Database) {
  const create = gatheredCreate<Content>(db, {
    creation: ofContents,
    keyOf: ({ hash }) => hash,
    sizeOf: ({ identifier }) => identifier.length,
    isSame: isSameFile,
    refusals: {
      existing: ({ hash, identifier }) =>
        conflict('hash_already_exists', `The hash already exists with "${identifier}".`, {
          hash,
          identifier,
        }),
      taken: ({ identifier }, holder) => identifierUsed(identifier, holder),
      condemned: ({ identifier }) => identifierCondemned(identifier),
      blocked: ({ hash }, block) => hashBlocked(hash, block),
    },
  });
  const fill = ({ hash, identifier }: Content, size: number) =>
    db.run(
      (sql) => sql<Sized[]>`
        update hashes
        set bytes = coalesce(bytes, ${size})
        where hash = ${bytes(hash)}
          and identifier = ${identifier}
        returning bytes`,
    );
  return async (asked: Content) => {
    const { created, stored } = await create(asked);
    const { hash, identifier } = asked;
    return { created, record: { hash, identifier, ...(await sized(asked, stored, fill)) } };
  };
}

type Sized = Pick<File, 'bytes'>;

/** Returns the stored size, after a missing one was filled in from the request. */
async function sized<Item extends File>(
  asked: Item,
  stored: Item,
  fill: (item: Item, size: number) => Promise<Sized[]>,
): Promise<{ bytes?: number }> {
  let size = stored.bytes ?? undefined;
  const given = asked.bytes ?? undefined;
  if (size === undefined && given !== undefined) {
    const [filled] = await fill(asked, given);
    size = filled?.bytes ?? undefined;
  }
  return size === undefined ? {} : { bytes: size };
}

const ofVariants: Creation<Variant> = {
  table: constant((sql) => sql`variants`),
  asked: (sql, variants) => sql`
    unnest(
      ${variants.map(({ hash }) => hash)}::text[],
      ${variants.map(({ variant }) => variant)}::text[],
      ${variants.map(({ identifier }) => identifier)}::text[],
      ${sizes(variants)}::float8[]
    ) with ordinality as asked (hash, variant, identifier, bytes, n)`,
  columns: constant((sql) => sql`hash, variant, identifier, bytes`),
  values: constant((sql) => sql`decode(hash, 'hex'), variant, identifier, nullif(bytes, -1)::bigint`),
  order: constant((sql) => sql`decode(hash, 'hex'), variant collate "C"`),
  shown: constant((sql) => sql`encode(hash, 'hex') as hash, variant, identifier, bytes`),
  hasKey: constant(
    (sql) => sql`
      hash = decode(asked.hash, 'hex') and variant = asked.variant and ${isLive(sql, sql`variants.hash`)}`,
  ),
  file,
  parent: underHash,
};

/** Creates a variant with its file. The obstacle `orphan` means that the hash does not exist. */
export function variantCreation(db: Database) {
  const create = gatheredCreate<Variant>(db, {
    creation: ofVariants,
    keyOf: ({ hash, variant }) => `${hash} ${variant}`,
    sizeOf: ({ variant, identifier }) => variant.length + identifier.length,
    isSame: isSameFile,
    refusals: {
      existing: ({ hash, variant, identifier }) =>
        conflict('variant_already_exists', `The variant already exists with "${identifier}".`, {
          hash,
          variant,
          identifier,
        }),
      taken: ({ identifier }, holder) => identifierUsed(identifier, holder),
      condemned: ({ identifier }) => identifierCondemned(identifier),
      orphan: ({ hash }) => hashNotFound(hash),
    },
  });
  const fill = ({ hash, variant, identifier }: Variant, size: number) =>
    db.run(
      (sql) => sql<Sized[]>`
        update variants
        set bytes = coalesce(bytes, ${size})
        where hash = ${bytes(hash)}
          and variant = ${variant}
          and identifier = ${identifier}
        returning bytes`,
    );
  return async (asked: Variant) => {
    const { created, stored } = await create(asked);
    const { hash, variant, identifier } = asked;
    return { created, record: { hash, variant, identifier, ...(await sized(asked, stored, fill)) } };
  };
}
