import type { Fragment, Sql } from '../database.js';

/**
 * A part of statements that never changes, made once for each session. The driver makes a whole query object of each
 * part, which costs time and outlives minor collections. It can go with drop-inputs.ts, which has the same reason.
 */
export function constant(make: (sql: Sql) => Fragment): (sql: Sql) => Fragment {
  const made = new WeakMap<Sql, Fragment>();
  return (sql) => {
    const known = made.get(sql);
    if (known) return known;
    const fragment = make(sql);
    made.set(sql, fragment);
    return fragment;
  };
}

export const NOTHING = constant((sql) => sql``);
export const TRUE = constant((sql) => sql`true`);
export const NULL = constant((sql) => sql`null`);
