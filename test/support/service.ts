import { Agent } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { readConfig } from '../../src/config.js';
import { startService } from '../../src/service.js';
import { atEnd } from './cleanup.js';
import { checkAnswer } from './contract.js';
import { createDatabase, type TestDatabase } from './database.js';
import { send } from './request.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body, where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  json: any;
}

interface RequestOptions {
  /** Sent as JSON; a string or bytes as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface TestService extends TestDatabase {
  /** Where the service listens. */
  base: string;
  /** Where /metrics is, if it has a port of its own. */
  metricsBase: string | undefined;
  /** Asks below /v1, and checks that the answer is one that openapi.json documents for the route. */
  ask(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  /** Polls that are parked on this service. */
  parked(): number;
  /** Other requests that wait on it until something is settled. */
  waiting(): number;
  close(): Promise<void>;
}

/** A service that listens on a port of its own, in this process, with `env` as its configuration. */
export async function startTestService(
  env: Record<string, string> = {},
  database?: TestDatabase,
  log: FastifyBaseLogger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }),
): Promise<TestService> {
  const { url, sql } = database ?? (await createDatabase());
  const config = readConfig({ PORT: '0', DATABASE_URL: url, ...env });
  const service = await startService(config, url, log);
  const agent = new Agent({ keepAlive: true });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= service.close().finally(() => agent.destroy());
    return closing;
  };
  atEnd(close);
  return {
    url,
    sql,
    base: service.url,
    metricsBase: service.metricsUrl,
    close,
    parked: () => service.parked(),
    waiting: () => service.waiting(),
    async ask(method, path, body, { headers = {}, signal } = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const received = await send(`${service.url}/v1${path}`, agent, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        body: raw || body === undefined ? body : JSON.stringify(body),
        signal,
      });
      const { text } = received;
      const isJson = /^application\/(problem\+)?json/.test(received.headers.get('content-type') ?? '');
      const answer = { ...received, json: isJson ? JSON.parse(text) : undefined };
      checkAnswer(method, `/v1${path}`, answer);
      return answer;
    },
  };
}

/** The lines of a stream. */
export function linesOf({ text }: Answer): Record<string, string>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
