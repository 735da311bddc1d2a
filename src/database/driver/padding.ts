import { constant } from './constant.js';

/** The driver's limit: shorter messages are delayed. */
const FILLER = '-'.repeat(1024);

/**
 * The first CTE of a statement that many requests wait for in turns. The driver sends a message shorter than 1,024
 * bytes only in the next turn of the event loop, which takes milliseconds under load. An unused parameter makes the
 * message long enough to be sent at once. It can go when "driver: keeps a short statement back until the event loop
 * comes round" fails (test/database/driver.test.ts).
 */
export const padding = constant((sql) => sql`padding as (select ${FILLER}::text)`);
