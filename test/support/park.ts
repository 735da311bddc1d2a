import { scrape } from './metrics.js';
import { queueClient } from './queue-client.js';
import type { Answer, TestService } from './service.js';
import { until } from './until.js';

/** How many polls park at once: few enough for every run, or as many as TEST_POLLS says. */
export const MANY_POLLS = Number(process.env['TEST_POLLS'] ?? 150);

/** Claims for polls that a service has made. */
async function claims({ base }: TestService): Promise<number> {
  return (await scrape(base)).get('pict_repo_queue_batch_size_count', { kind: 'pop' });
}

/**
 * Parks a poll, and waits until a claim has found nothing for it. A poll that is only counted as parked may have its
 * first claim in flight, which can still take alone what becomes ready.
 */
export async function park(
  at: TestService,
  queue: string,
  body: object = {},
  options: { signal?: AbortSignal } = {},
): Promise<{ answer: Promise<Answer> }> {
  const [before, parked] = [await claims(at), at.parked()];
  const answer = queueClient(at).popAnswer(queue, { wait_seconds: 20, ...body }, options);
  answer.catch(() => {});
  await until(async () => at.parked() === parked + 1 && (await claims(at)) > before);
  return { answer };
}
