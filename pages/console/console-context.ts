import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Place } from './address.js';
import type { KeyInfo } from './api.js';

type Scope = KeyInfo['scope'];
const SCOPES: Scope[] = ['read', 'write', 'admin'];

/** What every view can use. */
export interface Console {
  place: Place;
  /** Whether the key has at least this scope: what it may not do is not offered. */
  may: (scope: Scope) => boolean;
  /** Opens another view, or the same with other filters. */
  go: (address: string, options?: { replace?: boolean }) => void;
  /** Changes parameters of the address; empty ones are left out. */
  filter: (parameters: Record<string, string | undefined>) => void;
  /** Says for a few seconds what was done, or what went wrong. */
  say: (text: string, failed?: boolean) => void;
  /** Told of each look at the service, for the status on top. */
  looked: (error?: unknown) => void;
}

export const ConsoleContext = createContext<Console | undefined>(undefined);

export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (!console) throw new TypeError('This is outside of the console.');
  return console;
}

/** A parameter of the address. */
export function useParameter(name: string): string {
  return useConsole().place.query.get(name) ?? '';
}

export function includesScope(given: Scope | undefined, needed: Scope): boolean {
  return given !== undefined && SCOPES.indexOf(given) >= SCOPES.indexOf(needed);
}
