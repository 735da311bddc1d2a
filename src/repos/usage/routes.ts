import Type from 'typebox';
import { ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { MaxAge } from '../shared-result.js';
import type { UsageRepo } from './repo.js';
import { BY, Usage } from './schema.js';

const route = routesOf<UsageRepo>();
const figures = { contents: 1200, files: 3650, bytes: 734_003_200, unsized: 50 };

export const usageRoutes = {
  usage: route({
    method: 'GET',
    url: '/usage',
    summary: 'What fills the disk',
    description:
      'Counts and bytes, by format (the last byte of hashes of pict-rs), by owner, by kind of file or by month of creation. ' +
      'Content that several owners have an alias of counts for each of them, and for each once. One without an ' +
      'alias that has an owner belongs to nobody (null). Variants count for their content. Everything is counted once ' +
      'for all who ask meanwhile, beside other requests; as far as the count takes long it is kept, for twenty times as ' +
      'long as it took. A request that would wait for more than ten seconds gets 503 `figures_not_ready` with the ' +
      '`as_of` of the last figures: ask again.',
    query: { by: Type.Enum([...BY], { examples: ['format'] }), max_age: Type.Optional(MaxAge) },
    answers: {
      200: {
        description: 'The figures, as of the begin of the count.',
        schema: Usage,
        example: {
          by: 'format',
          as_of: '2026-11-22T13:14:56.789012Z',
          groups: [{ name: 'jpeg', ...figures }],
          total: figures,
        },
      },
    },
    problems: ['figures_not_ready'],
    handle: (repo, { query }) => ok(repo.usage(query.by, query.max_age)),
  }),
} satisfies Record<keyof UsageRepo, Route<UsageRepo>>;
