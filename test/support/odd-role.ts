import { randomBytes } from 'node:crypto';
import { atEnd } from './cleanup.js';
import { createDatabase, type TestDatabase } from './database.js';

/** What changes the form or the meaning of a statement's text, and its odd value. */
export const ODD_FORMS = {
  bytea_output: 'escape',
  array_nulls: 'off',
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'iso_8601',
  TimeZone: 'Asia/Kolkata',
  extra_float_digits: '-15',
  standard_conforming_strings: 'off',
  backslash_quote: 'off',
  escape_string_warning: 'on',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  row_security: 'off',
  xmlbinary: 'hex',
  xmloption: 'document',
  lc_messages: 'C',
  client_min_messages: 'debug1',
  default_transaction_deferrable: 'on',
  idle_session_timeout: '1s',
  idle_in_transaction_session_timeout: '1s',
  synchronous_commit: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_material: 'off',
  join_collapse_limit: '1',
};

/** What a session has to ask for otherwise. */
export const ODD_TERMS = {
  client_encoding: 'LATIN1',
  default_transaction_isolation: 'serializable',
  statement_timeout: '1ms',
  lock_timeout: '1ms',
  plan_cache_mode: 'force_custom_plan',
  enable_seqscan: 'on',
  enable_bitmapscan: 'on',
  enable_indexscan: 'off',
  enable_nestloop: 'off',
  jit: 'on',
};

export interface OddRole extends TestDatabase {
  /** For the role and for its database. */
  set(settings: Record<string, string>): Promise<void>;
}

/** An empty database with an owner of its own; `sql` is somebody else's. */
export async function createRole(): Promise<OddRole> {
  const { url, sql } = await createDatabase({ empty: true });
  const name = `odd_${randomBytes(6).toString('hex')}`;
  const database = new URL(url).pathname.slice(1);
  await sql`create role ${sql(name)} login password 'odd'`;
  await sql`alter database ${sql(database)} owner to ${sql(name)}`;
  atEnd(async () => {
    await sql`reassign owned by ${sql(name)} to current_user`;
    await sql`drop owned by ${sql(name)}`;
    await sql`drop role ${sql(name)}`;
  });
  const own = new URL(url);
  own.username = name;
  own.password = 'odd';
  return {
    url: own.href,
    sql,
    async set(settings) {
      const known = await sql<{ name: string }[]>`select name from pg_settings`;
      for (const [setting, value] of Object.entries(settings)) {
        if (!known.some((one) => one.name === setting)) continue;
        // A list of schemas or words is no text in quotes.
        const list = value
          .split(', ')
          .map((one) => `'${one}'`)
          .join(', ');
        await sql.unsafe(`alter role ${name} in database ${database} set ${setting} = ${list}`);
        await sql.unsafe(`alter database ${database} set ${setting} = ${list}`);
      }
    },
  };
}
