import type { Database } from '../../../database/database.js';

/** In `public`; other schemas have channels of their own (../../../database/schema-name.ts). */
export const CHANNEL = 'pict_repo_jobs';

/** Sends a notification, in a transaction of its own (docs/queue.md#notifications-and-presence). */
export async function notify(db: Database, channel: string, payload: string): Promise<void> {
  await db.run((sql) => sql`select pg_notify(${channel}, ${payload})`);
}
