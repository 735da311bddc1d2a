import type { Answer, TestService } from './service.js';

export interface PushedJob {
  id: string;
  duplicate: boolean;
}

export interface PoppedJob {
  id: string;
  lease: string;
  job: unknown;
  attempt: number;
  max_attempts: number;
  lease_expires_at: string;
}

export type Verb = 'complete' | 'fail' | 'release' | 'heartbeat';

/** The queue of a service, as a worker asks for it. */
export function queueClient({ ask }: Pick<TestService, 'ask'>) {
  const popAnswer = (queue: string, body: object = {}, options: { signal?: AbortSignal } = {}) =>
    ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', wait_seconds: 0, ...body }, options);
  return {
    ask,
    popAnswer,
    push: async (queue: string, body: object = { job: 1 }): Promise<PushedJob> =>
      (await ask('POST', `/queues/${queue}/jobs`, body)).json,
    pop: async (queue: string, body: object = {}): Promise<PoppedJob[]> =>
      (await popAnswer(queue, body)).json.jobs,
    onLease: (lease: string, verb: Verb, body?: object): Promise<Answer> =>
      ask('POST', `/leases/${lease}/${verb}`, body),
    job: (id: string): Promise<Answer> => ask('GET', `/jobs/${id}`),
  };
}

/** The only job that was popped. */
export function only(jobs: PoppedJob[]): PoppedJob {
  const [job] = jobs;
  if (!job || jobs.length > 1) throw new Error(`${jobs.length} jobs where one was expected`);
  return job;
}
