// The service's own API, with the key that the visitor typed: kept for this tab, and sent to nobody else.
const KEY = 'pict-repo-key';

export const storedKey = () => sessionStorage.getItem(KEY) ?? '';

/** @param {string} key */
export function storeKey(key) {
  if (key === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
}

/** An answer that is no success, or none at all; the message is for people. */
export class Trouble extends Error {}

/**
 * @param {string} method
 * @param {string} path below /v1
 * @returns {Promise<any>}
 */
export async function call(method, path) {
  const key = storedKey();
  let response;
  try {
    response = await fetch(`/v1${path}`, {
      method,
      headers: key === '' ? {} : { authorization: `Bearer ${key}` },
      cache: 'no-store',
    });
  } catch {
    throw new Trouble('The service cannot be reached. Trying again …');
  }
  if (response.ok) return response.status === 204 ? undefined : await response.json();
  const problem = await response.json().catch(() => ({}));
  if (problem.code === 'missing_key') throw new Trouble('This service wants a key: enter one above.');
  throw new Trouble(problem.detail ?? problem.title ?? `The service answered ${response.status}.`);
}

/** @param {string} queue @param {string} action */
export const act = (queue, action) => call('POST', `/queues/${encodeURIComponent(queue)}/${action}`);
