// The service's API, asked with the key of this tab.

const KEY = 'pict-repo-key';

/**
 * @typedef {object} Queue
 * @property {string} queue
 * @property {number} ready
 * @property {number} scheduled
 * @property {number} running
 * @property {number} dead
 * @property {number | null} oldest_ready_seconds
 * @property {number} parked
 * @property {boolean} paused
 *
 * @typedef {object} DeadJob
 * @property {string} id
 * @property {unknown} job
 * @property {number} attempts
 * @property {number} max_attempts
 * @property {string} [last_error]
 * @property {string} [died_at]
 */

/** The service has answered, but not with what was asked for. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  get isAboutKey() {
    return this.status === 401 || this.status === 403;
  }
}

export function currentKey() {
  return sessionStorage.getItem(KEY) ?? '';
}

/** @param {string} key none forgets it */
export function keepKey(key) {
  if (key === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
}

/** @returns {Promise<{ as_of: string, queues: Queue[] }>} */
export function queues() {
  return ask('GET', '/queues');
}

/** @param {string} queue @returns {Promise<Queue>} */
export function stats(queue) {
  return ask('GET', below(queue));
}

/** @param {string} queue @param {string} [after] @returns {Promise<{ jobs: DeadJob[], next?: string }>} */
export function deadJobs(queue, after) {
  return ask(
    'GET',
    `${below(queue)}/jobs?state=dead&limit=50${after === undefined ? '' : `&after=${after}`}`,
  );
}

/** @param {string} queue @param {boolean} paused @returns {Promise<void>} */
export function setPaused(queue, paused) {
  return ask('POST', `${below(queue)}/${paused ? 'pause' : 'resume'}`);
}

/** @param {string} queue @param {'waiting' | 'dead'} which @returns {Promise<{ purged: number }>} */
export function purge(queue, which) {
  return ask('POST', `${below(queue)}/purge?which=${which}`);
}

/** @param {string} queue @returns {Promise<{ redriven: number, skipped: number }>} */
export function redrive(queue) {
  return ask('POST', `${below(queue)}/redrive`);
}

/** @param {string} queue */
function below(queue) {
  return `/queues/${encodeURIComponent(queue)}`;
}

/** @param {string} method @param {string} path */
async function ask(method, path) {
  const key = currentKey();
  // Relative, for a service below the path of another.
  const response = await fetch(`v1${path}`, {
    method,
    headers: key === '' ? {} : { authorization: `Bearer ${key}` },
    cache: 'no-store',
    credentials: 'same-origin',
    signal: AbortSignal.timeout(15_000),
  });
  if (!response.ok) throw await refusalOf(response);
  return response.status === 204 ? undefined : await response.json();
}

/** @param {Response} response */
async function refusalOf(response) {
  const problem = await response.json().catch(() => ({}));
  const detail = problem.detail ?? `The answer was ${response.status} ${response.statusText}.`;
  return new Refusal(response.status, problem.code ?? '', detail);
}
