import type { Database } from '../../src/database/database.js';

/** The same database, with the number of statements that were sent through it. */
export function countingStatements(db: Database): { db: Database; count: () => number } {
  let statements = 0;
  const counting: Database = {
    ...db,
    run: (...args) => {
      statements++;
      return db.run(...args);
    },
  };
  return { db: counting, count: () => statements };
}
