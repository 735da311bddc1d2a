import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { brief } from '../brief.js';
import { Problem } from '../problems.js';

interface Path {
  segments: string[];
  methods: Set<string>;
  /** Sorts paths as the router prefers them: a segment that is written out comes before a parameter. */
  order: string;
}

/**
 * Answers requests without a route before their body is read: 405 with Allow if the path has routes for other methods,
 * else 404. This holds for all methods of HTTP. A path that is written out in one route never matches the parameter of
 * another route. Call it before the routes are registered.
 */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const paths = new Map<string, Path>();
  app.addHook('onRoute', ({ url, method }) => {
    const path = paths.get(url) ?? pathOf(url);
    for (const one of [method].flat()) path.methods.add(one);
    paths.set(url, path);
  });

  /** The paths that also match this pattern, and that the router prefers, because their segments are written out. */
  const rivals = new Map<string, Path[]>();
  function rivalsOf(pattern: string): Path[] {
    const known = rivals.get(pattern);
    if (known) return known;
    const { segments = [], order = '' } = paths.get(pattern) ?? {};
    const found = [...paths.values()].filter(
      (path) => path.order < order && matches(segments, path.segments),
    );
    rivals.set(pattern, found);
    return found;
  }

  function isUnknown({ is404, routeOptions, url }: FastifyRequest): boolean {
    const others = is404 ? [] : rivalsOf(routeOptions.url ?? '');
    return is404 || (others.length > 0 && find(others, targetOf(url)) !== undefined);
  }

  function refusal(request: FastifyRequest, reply: FastifyReply): Problem {
    const url = targetOf(request.url);
    // RFC 9110, 9.3.7: the service as a whole.
    const all = [...paths.values()];
    const methods =
      url === '*'
        ? new Set(all.flatMap((path) => [...path.methods]))
        : (find(all, url)?.methods ?? new Set());
    if (methods.size === 0 || methods.has(request.method)) {
      return new Problem('route_not_found', `There is no ${brief(url)}.`);
    }
    reply.header('allow', [...methods].join(', '));
    return new Problem('method_not_allowed', `${request.method} is not a method of this route.`);
  }

  app.addHook('onRequest', (request, reply, done) =>
    done(isUnknown(request) ? refusal(request, reply) : undefined),
  );
  // For routes that look something up themselves, such as the files of /docs.
  app.setNotFoundHandler(async (request, reply) => {
    throw refusal(request, reply);
  });
}

function pathOf(url: string): Path {
  const segments = url.split('/');
  const order = segments.map((segment) => (segment === '*' ? 2 : Number(segment.startsWith(':')))).join('');
  return { segments, methods: new Set(), order };
}

/** The path of a URL, which may be absolute (RFC 9112, 3.2.2). */
function targetOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0] ?? '';
}

/** The path that the router would choose. */
function find(paths: Path[], url: string): Path | undefined {
  const given = url.split('/').map(decoded);
  const matching = paths.filter(({ segments }) => matches(segments, given));
  return matching.sort((one, other) => (one.order < other.order ? -1 : 1))[0];
}

function matches(segments: string[], given: string[]): boolean {
  const hasRest = segments.at(-1) === '*' && given.length >= segments.length;
  if (!hasRest && segments.length !== given.length) return false;
  return segments.every((segment, at) => segment === '*' || segment.startsWith(':') || segment === given[at]);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
