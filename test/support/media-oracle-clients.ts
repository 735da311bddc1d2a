import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { send } from './request.js';

/** Where to ask now: services come and go. */
type Choose = (before: string | undefined) => string | undefined;

interface Removed {
  aliases: string[];
  hashes: string[];
  identifiers: string[];
}

interface Heard {
  status: number;
  json: { code?: string; unneeded?: string[]; identifier?: string; removed?: Removed };
}

/** How often a request is given up before its answer, and after how many milliseconds at most. */
const ABANDONED = 0.2;
const LONGEST_PATIENCE_MS = 200;
/** A request that finds nobody for so long has found a fault. */
const PATIENCE_MS = 60_000;
/** So few that everybody meets everybody. */
const HASHES = 12;
const ALIASES = 40;
const URLS = 6;
const OWNERS = 3;
/** The queue that is told of each file. */
export const TOLD = 'told';

const pick = <T>(some: readonly T[]): T | undefined => some[Math.floor(Math.random() * some.length)];
const below = (count: number): number => Math.floor(Math.random() * count);
const maybe = (chance: number): boolean => Math.random() < chance;

/** Clients that upload, view, make variants, release and expire over the same few contents, and note what they were told. */
export class MediaClients {
  readonly #choose: Choose;
  readonly #agent = new Agent({ keepAlive: true });
  /** The files of which an answer said that they belong to a content, or are in vain. */
  readonly used = new Set<string>();
  /** The files that an answer named for deletion. */
  readonly named = new Set<string>();
  readonly violations: string[] = [];
  readonly counts: Record<string, number> = {};

  constructor(choose: Choose) {
    this.#choose = choose;
  }

  close(): void {
    this.#agent.destroy();
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this[pick(ACTIONS) ?? 'view']();
  }

  async commit(): Promise<void> {
    const name = randomUUID();
    const files = maybe(0.3)
      ? { identifier: `o-${name}`, motion_identifier: `m-${name}` }
      : { identifier: `o-${name}` };
    const alias = `alias-${below(ALIASES)}`;
    const body = {
      hash: `aa0${below(HASHES).toString(16)}`,
      ...files,
      // Mostly that of the alias, so that much is released.
      delete_token: maybe(0.9) ? alias : name,
      details: { of: name },
      ...(maybe(0.3) && { proxy_url: `https://example.org/${below(URLS)}` }),
      ...(maybe(0.3) && { owner: `owner-${below(OWNERS)}` }),
      ...(maybe(0.2) && { expires_at: new Date(Date.now() + 200).toISOString() }),
      enqueue: TOLD,
    };
    const { status, json } = await this.#insist('commit', 'PUT', `/media/${alias}`, body);
    const isRefused = ['alias_already_exists', 'proxy_already_exists', 'identifier_condemned'].includes(
      json.code ?? '',
    );
    // Its time may be over when it is sent again.
    if (status === 400) return;
    if (status >= 300 && !isRefused) this.violations.push(`commit: ${status} ${JSON.stringify(json)}`);
    for (const file of Object.values(files)) this.used.add(file);
    for (const file of json.unneeded ?? []) this.named.add(file);
  }

  async release(): Promise<void> {
    const alias = `alias-${below(ALIASES)}`;
    const token = maybe(0.9) ? { delete_token: alias } : { force: true };
    this.#removed(
      await this.#insist('release', 'POST', `/media/${alias}/release`, { ...token, enqueue: TOLD }),
    );
  }

  async makeVariant(): Promise<void> {
    const identifier = `v-${randomUUID()}`;
    const path = `/hashes/aa0${below(HASHES).toString(16)}/variant?variant=v${below(3)}`;
    const { status } = await this.#insist('variant', 'PUT', path, { identifier });
    if (status < 300) this.used.add(identifier);
  }

  async view(): Promise<void> {
    const { status } = await this.#insist(
      'view',
      'GET',
      `/media?alias=alias-${below(ALIASES)}&variant=v0&record_access=true`,
    );
    if (status !== 200 && status !== 404) this.violations.push(`view: ${status}`);
  }

  async cleanup(): Promise<void> {
    const path = `/hashes/aa0${below(HASHES).toString(16)}?enqueue=${TOLD}`;
    this.#removed(await this.#insist('cleanup', 'DELETE', path));
  }

  async expire(): Promise<void> {
    const kind = pick(['variants', 'proxied', 'aliases']);
    const body = {
      older_than: new Date(Date.now() + 60_000).toISOString(),
      limit: 1 + below(5),
      enqueue: TOLD,
    };
    this.#removed(await this.#insist(`expire ${kind}`, 'POST', `/media/expire-${kind}`, body));
  }

  async releaseOwner(): Promise<void> {
    const body = { owner: `owner-${below(OWNERS)}`, limit: 1 + below(5), enqueue: TOLD };
    this.#removed(await this.#insist('release owner', 'POST', '/media/release-owner', body));
  }

  #removed({ status, json }: Heard): void {
    if (status !== 200 && json.code !== 'invalid_delete_token')
      this.violations.push(`removal: ${status} ${JSON.stringify(json)}`);
    for (const file of json.removed?.identifiers ?? []) this.named.add(file);
  }

  /** The same request again and again, at one replica after the other, until its answer is heard. */
  async #insist(what: string, method: string, path: string, body?: object): Promise<Heard> {
    let base: string | undefined;
    let last = '';
    const giveUp = performance.now() + PATIENCE_MS;
    for (;;) {
      if (performance.now() > giveUp) {
        this.violations.push(`${method} ${path} got no answer: ${last}`);
        return { status: 0, json: {} };
      }
      base = this.#choose(base);
      const patience = maybe(ABANDONED) ? Math.random() * LONGEST_PATIENCE_MS : 15_000;
      const signal = AbortSignal.timeout(Math.ceil(patience));
      try {
        if (base === undefined) throw new Error('no service');
        const { status, text } = await send(`${base}/v1${path}`, this.#agent, {
          method,
          headers: body ? { 'content-type': 'application/json' } : {},
          body: body && JSON.stringify(body),
          signal,
        });
        if (status === 500) this.violations.push(`${method} ${path}: ${text}`);
        if (status < 500) {
          const key = `${what} ${status}`;
          this.counts[key] = (this.counts[key] ?? 0) + 1;
          return { status, json: text === '' ? {} : JSON.parse(text) };
        }
        last = text;
        await sleep(20);
      } catch (error) {
        last = String(error);
        // Its patience was over; else the service was killed, or is being killed.
        if (!signal.aborted) await sleep(20);
      }
    }
  }
}

/** Each as often as its weight says. */
const ACTIONS = (
  [
    [8, 'commit'],
    [5, 'release'],
    [3, 'makeVariant'],
    [2, 'view'],
    [1, 'cleanup'],
    [1, 'expire'],
    [1, 'releaseOwner'],
  ] as const
).flatMap(([weight, action]) => Array.from({ length: weight }, () => action));
