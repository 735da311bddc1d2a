export interface NewJob {
  queue: string;
  /** JSON text, kept byte for byte. */
  job: string;
  /** Made by the client, so that it can repeat the push. */
  id?: string | undefined;
  unique_key?: string | undefined;
  priority?: number | undefined;
  delay_seconds?: number | undefined;
  /** RFC 3339 in UTC. */
  run_at?: string | undefined;
  max_attempts?: number | undefined;
  lease_seconds?: number | undefined;
  max_run_seconds?: number | undefined;
}

/** A new job with its id. */
export interface JobToInsert extends NewJob {
  id: string;
  /** The id was made by this process, not by the client. */
  isOwnId: boolean;
}
