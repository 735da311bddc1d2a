import type { ConnectionOptions, Sql } from './database.js';

/**
 * The settings that each session requests at its start, so that those of server, database and role do not matter. They
 * are few, because some poolers drop them: statements and driver/parameters.ts work with any value of other settings,
 * such as the text forms of times and bytes. `default_transaction_read_only` is not requested, because providers set it
 * when a disk is full; /readyz shows it.
 */
export function sessionSettings(statementTimeoutSeconds: number): Record<string, string> {
  return {
    // As text, because the driver leaves out the number 0.
    statement_timeout: String(statementTimeoutSeconds * 1000),
    lock_timeout: '0',
    default_transaction_isolation: 'read committed',
  };
}

/**
 * Each statement is planned once in each session, because planning takes longer than running most statements. So the plan
 * must suit a table of any size; made while the table was empty, it would be a sequential scan for ever. A statement that
 * needs a sequential scan (a count) still gets one. Bitmap scans are off because they lock rows in the order of the table
 * and not in that of the index.
 */
export const PLANNER_SETTINGS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_indexscan: 'on',
  enable_nestloop: 'on',
  jit: 'off',
};

/**
 * The settings of the session that counts all queues: its statement is planned each time, with the statistics of that
 * moment. The names are the same as above, because a pooler must know the names of all settings.
 */
export const FIGURES_PLANNER_SETTINGS = {
  ...PLANNER_SETTINGS,
  plan_cache_mode: 'force_custom_plan',
  enable_seqscan: 'on',
  enable_bitmapscan: 'on',
};

/** The same connection, with more settings that its sessions ask for. */
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

/** Milliseconds as PostgreSQL's current_setting() shows them: in the largest unit without a fraction. */
function formatTime(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms % length === 0) ?? ['ms', 1];
  return ms === 0 ? '0' : `${ms / size}${unit}`;
}

/** The settings that sessions of this connection ask for, as current_setting() should show them. */
export function askedSettings({ connection }: ConnectionOptions): Record<string, string> {
  // The driver asks for client_encoding by itself.
  const asked: Record<string, string> = { client_encoding: 'UTF8' };
  for (const [name, value] of Object.entries(connection ?? {})) {
    if (name.endsWith('_timeout')) asked[name] = formatTime(Number(value));
    // These two are not compared: application_name may be changed at will, and options is itself a list of settings.
    else if (name !== 'application_name' && name !== 'options') asked[name] = String(value);
  }
  return asked;
}

/** An expression: a JSON array of the settings that have none of the requested values. */
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
