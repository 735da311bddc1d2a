import type { Fragment, Sql } from './database.js';

/**
 * A part of statements that never changes, made once for each session. To the driver a part is a promise of its own,
 * with all that belongs to one. It costs time at each use, and what it leaves outlives collections of young garbage.
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
