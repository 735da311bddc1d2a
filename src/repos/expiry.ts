import { constant } from '../database/driver/constant.js';

/** A condition on rows of `aliases`: the alias is valid. To reads an expired one is not there, but its name is taken. */
export const isValidAlias = constant((sql) => sql`(expires_at is null or expires_at > clock_timestamp())`);
