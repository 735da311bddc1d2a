import { createHash } from 'node:crypto';
import type { ISql } from 'postgres';
import type { Fragment } from './database.js';

/** The schema of the tables. Several services share a database, each with a schema of its own. */

const MAX_BYTES = 63;

/** @throws Error that says what is wrong with the name */
export function checkSchemaName(name: string): void {
  if (Buffer.byteLength(name) > MAX_BYTES) throw new Error(`has more than ${MAX_BYTES} bytes`);
  if (name.includes('\0') || !name.isWellFormed()) throw new Error('has a character that no name may have');
  if (/^pg_|^information_schema$/.test(name)) throw new Error('belongs to PostgreSQL: take another name');
  // In search_path it means the name of the role, also between quotation marks.
  if (name === '$user') throw new Error('means the name of the role: take another name');
}

/** The name as it is written in a statement. The driver's own quoting takes a dot for the end of a schema's name. */
export function quotedSchema(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The key of an advisory lock that services in other schemas of the database do not share. In `public` it is the number
 * itself, as in versions that knew no other schemas.
 *
 * @param schema the schema of the tables, if it is not the first one in the search_path of the session
 */
export function lockKey(sql: ISql, number: number, schema?: string): Fragment {
  const name = schema === undefined ? sql`current_schema()::text` : sql`${schema}::text`;
  return sql`(
    case
      when coalesce(${name}, 'public') = 'public' then ${number}::bigint
      else hashtextextended(${name}, ${number}::bigint)
    end
  )`;
}

/** The name of a channel for the notifications of services in this schema. A name of a channel has 63 bytes at most. */
export function channelIn(schema: string, channel: string): string {
  if (schema === 'public') return channel;
  return `${channel}_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}`;
}
