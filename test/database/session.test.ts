import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import { openSession } from '../../src/database/driver/session.js';
import { createDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const { url } = await createDatabase();

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a session that is ended as soon as it is connected harms nobody, and leaves no timer behind', async () => {
  const before = timers();
  const session = openSession(connectionOptions({ url, statementTimeoutSeconds: 30 }), () => {});
  const ends: Promise<void>[] = [];
  // Before anybody who waits for the event goes on.
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    socket.prependListener('connect', () => process.nextTick(() => ends.push(session.end(0))));
  };
  subscribe('net.client.socket', onSocket);
  await assert.rejects(session.sql`select 1`);
  unsubscribe('net.client.socket', onSocket);
  assert.equal(ends.length, 1);
  await Promise.all(ends);
  await until(() => timers() <= before, 2);
});
