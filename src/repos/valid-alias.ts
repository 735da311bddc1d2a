import { constant } from '../database/driver/constant.js';

/**
 * A condition on rows of `aliases`: the alias is valid. Reads do not find an expired alias, but its name is still taken.
 */
export const isValidAlias = constant((sql) => sql`(expires_at is null or expires_at > clock_timestamp())`);
