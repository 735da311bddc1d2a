import { noContent, rawBytes } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import type { SettingsRepo } from './repo.js';
import { Key, NewValue, VALUE_BYTES, Value } from './schema.js';

const route = routesOf<SettingsRepo>();

export const settingsRoutes = {
  set: route({
    method: 'PUT',
    url: '/settings/{key}',
    summary: 'Set a value',
    description:
      'The body is the value, byte for byte; no body means zero bytes. A client that sends JSON stores JSON, with its quotes. ' +
      'The last write wins.',
    params: { key: Key },
    body: NewValue,
    bodyKind: 'bytes',
    bodyLimit: [VALUE_BYTES, 'settings_value_too_large'],
    answers: { 204: { description: 'The value is stored.' } },
    problems: ['settings_key_too_long'],
    handle: (repo, { params, body }) => noContent(repo.set(params.key, body)),
  }),

  get: route({
    method: 'GET',
    url: '/settings/{key}',
    summary: 'Get a value',
    description:
      'The bytes as they were set. The content type is always the same, so that no browser runs a stored page.',
    params: { key: Key },
    answers: { 200: { description: 'The value.', type: 'application/octet-stream', schema: Value } },
    problems: ['settings_key_too_long', 'setting_not_found'],
    handle: (repo, { params }) => rawBytes(repo.get(params.key)),
  }),

  remove: route({
    method: 'DELETE',
    url: '/settings/{key}',
    summary: 'Remove a value',
    description: 'Can be sent again.',
    params: { key: Key },
    answers: { 204: { description: 'There is no such setting now.' } },
    problems: ['settings_key_too_long'],
    handle: (repo, { params }) => noContent(repo.remove(params.key)),
  }),
} satisfies Record<keyof SettingsRepo, Route<SettingsRepo>>;
