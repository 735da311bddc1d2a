import type { CallOptions } from './call-options.js';
import { operations as table } from './generated/operations.js';
import type { PictRepo } from './generated/repos.js';
import type { Params, Route } from './request.js';

export interface Call {
  operationId: string;
  route: Route;
  params: Params;
  body: unknown;
  options: CallOptions;
}

/**
 * The methods, made from the table. The compiler cannot derive their types from the table, so the first signature is an
 * assertion: both are generated from one document, and the tests call every operation.
 */
export function callsOf(send: (call: Call) => unknown): PictRepo;
export function callsOf(send: (call: Call) => unknown): object {
  const repos: Record<string, Record<string, unknown>> = {};
  for (const [operationId, route] of Object.entries<Route>(table)) {
    const [repo = '', method = ''] = operationId.split('.');
    const methods = repos[repo] ?? {};
    repos[repo] = methods;
    methods[method] = (...args: (object | undefined)[]) => {
      const params = { ...(route.takesParams && args.shift()) };
      const body = route.body && args.shift();
      const [options = {}] = args;
      return send({ operationId, route, params, body, options });
    };
  }
  return repos;
}
