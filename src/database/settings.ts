import type { ConnectionOptions, Sql } from './database.js';

/**
 * What each session asks for as it begins, whatever server, database and role say. Little, as some poolers drop it:
 * all else that could be set otherwise, such as the forms of times and bytes, the statements and parameters.ts do not
 * depend on. That writing is off by default, as providers do to a full disk, is obeyed, and /readyz says it.
 */
export function sessionSettings(statementTimeoutSeconds: number): Record<string, string> {
  return {
    // As text: the driver leaves out a zero.
    statement_timeout: String(statementTimeoutSeconds * 1000),
    lock_timeout: '0',
    default_transaction_isolation: 'read committed',
  };
}

/**
 * Each statement is planned once for each connection, and must then fit a table of any size: planning takes longer
 * than most statements do, and a table that was empty at that moment would be read whole ever after. What
 * reads a whole table on purpose (a count) has no other way, and takes it still. A bitmap scan would lock rows in
 * the order in which they lie in the table, and not in that of the index.
 */
export const PLANS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_indexscan: 'on',
  enable_nestloop: 'on',
  jit: 'off',
};

/**
 * For the one statement that reads whole tables on purpose, in a session of its own: the planner chooses anew each
 * time, by what it knows of the table then. The same names as above, so that a pooler knows them.
 */
export const FIGURES_PLANS = {
  ...PLANS,
  plan_cache_mode: 'force_custom_plan',
  enable_seqscan: 'on',
  enable_bitmapscan: 'on',
};

/** The same connection, whose sessions ask for these settings too. */
export function withSettings(
  connection: ConnectionOptions,
  settings: Record<string, string>,
): ConnectionOptions {
  return { ...connection, connection: { ...connection.connection, ...settings } };
}

const UNITS: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** Milliseconds as PostgreSQL shows them: in the largest unit that leaves no fraction. */
function shownTime(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return ms === 0 ? '0' : `${ms / size}${unit}`;
}

/** What a session of this connection should say of its settings, by their names. */
export function askedSettings({ connection }: ConnectionOptions): Record<string, string> {
  // The driver asks for it by itself.
  const asked: Record<string, string> = { client_encoding: 'UTF8' };
  for (const [name, value] of Object.entries(connection ?? {})) {
    if (name.endsWith('_timeout')) asked[name] = shownTime(Number(value));
    else if (name !== 'application_name') asked[name] = String(value);
  }
  return asked;
}

/** An expression: the names of the settings that are not as one of these asked for, as JSON. */
export function otherSettings(sql: Sql, ...asked: Record<string, string>[]) {
  return sql`(
    select coalesce(json_agg(name order by name), '[]')
    from (
      select asked.key as name
      from json_array_elements(${JSON.stringify(asked)}::text::json) as ways (way)
      cross join json_each_text(way) as asked
      group by asked.key
      having bool_and(current_setting(asked.key) <> asked.value)
    ) as other
  )`;
}
