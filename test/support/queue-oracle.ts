import type { PoppedJob } from './queue-client.js';
import { idOf } from './queue-model.js';

export type Outcome = 'completed' | 'gone' | 'lost' | 'extended' | 'contended';

interface HeldLease {
  lease: string;
  /** Who got it: a worker with its key, or one poll. */
  owner: string;
  receivedAt: number;
  /** Until when it is held, as far as its worker knows. */
  until: number;
}

/** What clocks and timers may be apart. */
const MARGIN_MS = 50;

/**
 * The total-queue oracle of Jepsen, with leases: what is acknowledged comes out, and nothing else; no lease is issued
 * twice, none is taken from a worker before its time, and what is done once is not done again. It notes what the
 * clients (queue-oracle-clients.ts) were told, and judges it.
 */
export class TotalQueue {
  /** Ids that were sent, and those that were acknowledged. */
  readonly tried = new Set<string>();
  readonly acknowledged = new Set<string>();
  /** Ids whose completion was acknowledged, with the lease; null where that answer was lost. */
  readonly completed = new Map<string, string | null>();
  /** The same ids, to choose from. */
  readonly done: string[] = [];
  readonly #leases = new Map<string, HeldLease>();
  readonly #byId = new Map<string, HeldLease[]>();
  readonly #goneInTime: string[] = [];
  readonly #violations: string[] = [];
  /** What was judged, so that a run that judges nothing is seen. */
  readonly counts = { repeatedPushes: 0, redeliveries: 0, abandoned: 0, contended: 0, judged: 0, late: 0 };

  violate(what: string): void {
    this.#violations.push(what);
  }

  /** A push was answered. The first may be a duplicate too: of itself, where the service lost its connection. */
  notePush(id: string, answer: { id: string; duplicate: boolean }): void {
    if (answer.id !== id) this.violate(`the push of ${id} was answered with ${answer.id}`);
    if (!answer.duplicate && this.acknowledged.has(id)) this.violate(`${id} was pushed twice`);
    if (this.acknowledged.has(id)) this.counts.repeatedPushes++;
    this.acknowledged.add(id);
  }

  noteDelivery({ id, lease, job, lease_expires_at }: PoppedJob, owner: string): void {
    if (!this.tried.has(id)) this.violate(`${id} was delivered, and never pushed`);
    if ((job as { id: string }).id !== id) this.violate(`${id} was delivered with the job of another`);
    const known = this.#leases.get(lease);
    if (known) {
      this.counts.redeliveries++;
      if (known.owner !== owner) this.violate(`${lease} was issued to ${known.owner} and to ${owner}`);
      return;
    }
    const until = Date.parse(lease_expires_at);
    const held = { lease, owner, receivedAt: Date.now(), until };
    this.#leases.set(lease, held);
    this.#byId.set(id, [...(this.#byId.get(id) ?? []), held]);
  }

  /** A lease was to be completed. It is `contended` where nothing was done, and is sent again. */
  noteCompletion(lease: string, outcome: Outcome): void {
    if (outcome === 'contended') {
      this.counts.contended++;
      return;
    }
    const id = idOf(lease);
    if (this.#isInTime(lease)) {
      if (outcome === 'lost') this.violate(`${lease} was lost before its time`);
      // Perhaps by this same request, where the service lost its connection.
      if (outcome === 'gone') this.#goneInTime.push(lease);
    }
    if (outcome === 'lost') return;
    if (outcome === 'completed' && this.completed.get(id)) this.violate(`${id} was completed twice`);
    if (!this.completed.has(id)) this.done.push(id);
    if (outcome === 'completed' || !this.completed.has(id)) {
      this.completed.set(id, outcome === 'completed' ? lease : null);
    }
  }

  /** A lease, whose completion was not sent, was to be extended. */
  noteExtension(lease: string, outcome: Outcome, lease_expires_at: string | undefined): void {
    if (outcome === 'contended') this.counts.contended++;
    else if (this.#isInTime(lease) && outcome !== 'extended') {
      this.violate(`${lease} was ${outcome} before its time, and not extended`);
    }
    const held = this.#leases.get(lease);
    if (held && lease_expires_at) held.until = Math.max(held.until, Date.parse(lease_expires_at));
  }

  #isInTime(lease: string): boolean {
    const held = this.#leases.get(lease);
    const isInTime = held !== undefined && Date.now() < held.until - MARGIN_MS;
    this.counts[isInTime ? 'judged' : 'late']++;
    return isInTime;
  }

  /** All that was wrong, when all is over. */
  judge(): string[] {
    const lost = [...this.acknowledged].filter((id) => !this.#byId.has(id) || !this.completed.has(id));
    const taken = this.#goneInTime.filter((lease) => (this.completed.get(idOf(lease)) ?? lease) !== lease);
    return [
      ...this.#violations,
      ...taken.map((lease) => `${lease} was completed by another before its time`),
      ...lost.map((id) => `${id} was acknowledged and lost`),
      ...[...this.#byId].flatMap(([id, leases]) => this.#judgeLeases(id, leases)),
    ];
  }

  #judgeLeases(id: string, leases: HeldLease[]): string[] {
    const wrong: string[] = [];
    const inOrder = leases.sort((one, other) => claimsOf(one.lease) - claimsOf(other.lease));
    for (const [at, { lease, until }] of inOrder.entries()) {
      const next = inOrder[at + 1];
      if (next && claimsOf(next.lease) === claimsOf(lease))
        wrong.push(`${lease} and ${next.lease} are one claim`);
      // An answer may come late; a later claim than this one's never comes before this one's time is over.
      if (next && next.receivedAt < until - MARGIN_MS) {
        wrong.push(
          `${lease} was taken away for ${next.lease}, ${until - next.receivedAt} ms before its time`,
        );
      }
    }
    const completedBy = this.completed.get(id);
    const last = inOrder.at(-1)?.lease;
    if (completedBy && last && claimsOf(last) > claimsOf(completedBy)) {
      wrong.push(`${last} was issued although ${completedBy} was completed`);
    }
    return wrong;
  }
}

function claimsOf(lease: string): number {
  return Number(lease.split('.')[1]);
}
