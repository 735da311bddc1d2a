import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InTurns } from './in-turns.js';

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** What one connection needs to know of all connections (connections.ts). */
export interface Registry<Connection> {
  /** The time of the last sweep in milliseconds: cheaper than the clock, and exact enough to compare connections. */
  readonly now: number;
  handle: Handle;
  /** Adds to the bytes that connections take; a negative number gives them back. */
  countReceived: (bytes: number, connection: Connection) => void;
  countUnread: (bytes: number, connection: Connection) => void;
  /** Whether there is memory for what the connection has received. */
  hasRoomFor: (connection: Connection) => boolean;
  /** Calls beginNext() in a turn of the event loop with few others. */
  beginInTurn: (connection: Connection) => void;
  readonly bodies: InTurns<IncomingMessage>;
  cut: (connection: Connection, reason: CutReason) => void;
}

/** Why a connection was cut, as the metrics name it. */
export const CUT_REASONS = [
  'pipelining',
  'parts',
  'stalled',
  'received',
  'unread',
  'linger',
  'stream_place',
] as const;

export type CutReason = (typeof CUT_REASONS)[number];
