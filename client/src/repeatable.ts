import { isRecord } from './shape.js';

/** A push or a pop that may be sent twice, because it has an id or a key. */
export interface Repeatable {
  body: unknown;
  /** The answer that the first try would have got. */
  restore(answer: unknown): unknown;
}

/**
 * Gives an id to each job and a key to each pop that has none, so that every operation can be sent again after a lost
 * answer. If a push is sent again, the service calls its job a duplicate of the first try, which the caller must not
 * see.
 */
export function repeatable(operationId: string, body: unknown): Repeatable {
  const plain = { body, restore: (answer: unknown) => answer };
  if (!isRecord(body)) return plain;
  if (operationId === 'queue.pop' && body['idempotency_key'] === undefined) {
    return { ...plain, body: { ...body, idempotency_key: crypto.randomUUID() } };
  }
  if (operationId === 'queue.push' && body['id'] === undefined) {
    const id = uuidv7();
    return { body: { ...body, id }, restore: (answer) => ours(answer, id, { status: 201 }) };
  }
  const { jobs } = body;
  if (operationId !== 'queue.pushMany' || !Array.isArray(jobs)) return plain;
  const ids = jobs.map((job) => (isRecord(job) && job['id'] === undefined ? uuidv7() : undefined));
  return {
    body: { ...body, jobs: jobs.map((job, n) => (ids[n] ? { ...job, id: ids[n] } : job)) },
    restore: (answer) => {
      if (!isRecord(answer) || !Array.isArray(answer['jobs'])) return answer;
      return { ...answer, jobs: answer['jobs'].map((pushed, n) => ours(pushed, ids[n])) };
    },
  };
}

function ours(pushed: unknown, id: string | undefined, more: object = {}): unknown {
  if (!isRecord(pushed) || pushed['id'] !== id) return pushed;
  return { ...pushed, duplicate: false, ...more };
}

/** RFC 9562: begins with the time, so that the service's index grows at its end. */
function uuidv7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
