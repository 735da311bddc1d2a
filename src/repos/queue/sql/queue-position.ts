/** Before every priority. */
export const MIN_PRIORITY = -32_768;

/** Where a job stands in the order of its queue. */
export interface QueuePosition {
  priority: number;
  /** The order of arrival. As text, because it may exceed what a number holds. */
  seq: string;
}

/** A job that has become ready: a claim finds it here. */
export interface ReadyJob extends QueuePosition {
  queue: string;
}
