import { constant } from './constant.js';

/** As long as the driver wants a message to be. */
const FILLER = '-'.repeat(1024);

/**
 * The first CTE of a statement for which many wait in turns. What is shorter than 1,024 bytes the driver keeps back
 * until everything that came in meanwhile was read, which takes milliseconds under load (test/driver.test.ts shows
 * it); a parameter that nobody reads makes it long enough to go at once.
 */
export const atOnce = constant((sql) => sql`at_once as (select ${FILLER}::text)`);
