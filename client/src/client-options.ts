import { isFunction, isSignal, kindOf, number, wholeNumber, YEAR_SECONDS } from './options.js';

const timeoutSeconds = number({ minimum: 0.001, maximum: YEAR_SECONDS, unit: 'seconds' });
const retries = wholeNumber({ minimum: 0, maximum: 1_000_000, unit: 'tries' });

/** What each call takes (CallOptions). */
export const CALL_OPTIONS = { signal: isSignal, retries, timeoutSeconds };

/** What createClient takes (ClientOptions). */
export const CLIENT_OPTIONS = {
  // It is not shown, as it may hold a password.
  baseUrl: kindOf(
    'an http:// or https:// URL without a password, a query, or spaces around it',
    isBaseUrl,
    true,
  ),
  // With anything else fetch fails in each call, as if the service could not be reached.
  key: kindOf('a key: a text of visible ASCII characters', isKey, true),
  fetch: isFunction,
  retries,
  timeoutSeconds,
};

function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || /\s/.test(value) || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + search + hash === '' && !/[?#]/.test(value);
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}
