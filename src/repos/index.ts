import type { FastifyInstance } from 'fastify';
import type { Database } from '../database/database.js';
import type { Route } from '../http/route.js';
import { aliasAccessRepo } from './alias-access/repo.js';
import { aliasAccessRoutes } from './alias-access/routes.js';
import { aliasesRepo } from './aliases/repo.js';
import { aliasesRoutes } from './aliases/routes.js';
import { blocklistRepo } from './blocklist/repo.js';
import { blocklistRoutes } from './blocklist/routes.js';
import { detailsRepo } from './details/repo.js';
import { detailsRoutes } from './details/routes.js';
import { createEnqueuer } from './enqueue.js';
import { filesRepo } from './files/repo.js';
import { filesRoutes } from './files/routes.js';
import { hashesRepo } from './hashes/repo.js';
import { hashesRoutes } from './hashes/routes.js';
import { aliasReleases } from './media/release.js';
import { removerOf } from './media/remover.js';
import { mediaRepo } from './media/repo.js';
import { mediaRoutes } from './media/routes.js';
import { proxiesRepo } from './proxies/repo.js';
import { proxiesRoutes } from './proxies/routes.js';
import type { QueueEngine } from './queue/engine.js';
import type { SharedFigures } from './queue/figures.js';
import type { History } from './queue/history.js';
import { queueRepo } from './queue/repo.js';
import { queueRoutes } from './queue/routes.js';
import { reportRepo } from './report/repo.js';
import { reportRoutes } from './report/routes.js';
import { settingsRepo } from './settings/repo.js';
import { settingsRoutes } from './settings/routes.js';
import { storeMigrationRepo } from './store-migration/repo.js';
import { storeMigrationRoutes } from './store-migration/routes.js';
import { uploadsRepo } from './uploads/repo.js';
import { uploadsRoutes } from './uploads/routes.js';
import { usageRepo } from './usage/repo.js';
import { usageRoutes } from './usage/routes.js';
import { variantAccessRepo } from './variant-access/repo.js';
import { variantAccessRoutes } from './variant-access/routes.js';
import { variantClaimsRepo } from './variant-claims/repo.js';
import { variantClaimsRoutes } from './variant-claims/routes.js';

/** The table of contents: the repos and, below, their routes. */
export function createRepos(
  db: Database,
  engine: QueueEngine,
  { figures, history }: { figures: SharedFigures; history: History },
  options: {
    accessGranularitySeconds: number;
    condemnedGraceSeconds: number;
    uploadRetentionHours: number;
  },
) {
  const enqueuer = createEnqueuer(engine);
  const remover = removerOf(db, enqueuer);
  const { waits } = engine;
  const aliasAccess = aliasAccessRepo(db, options.accessGranularitySeconds);
  const variantAccess = variantAccessRepo(db, options.accessGranularitySeconds);
  return {
    media: mediaRepo(db, { aliasAccess, variantAccess, enqueuer, ...options }),
    hashes: hashesRepo(db, enqueuer),
    aliases: aliasesRepo(db),
    settings: settingsRepo(db),
    details: detailsRepo(db),
    queue: queueRepo(db, engine, figures, history),
    files: filesRepo(db, { graceSeconds: options.condemnedGraceSeconds }),
    blocklist: blocklistRepo(db),
    usage: usageRepo(db),
    storeMigration: storeMigrationRepo(db, enqueuer),
    report: reportRepo(db, remover),
    proxies: proxiesRepo(db),
    uploads: uploadsRepo(db, {
      waits,
      release: aliasReleases(remover),
      retentionHours: options.uploadRetentionHours,
    }),
    variantClaims: variantClaimsRepo(db, { waits, remover }),
    aliasAccess,
    variantAccess,
  };
}

export type Repos = ReturnType<typeof createRepos>;

/** Each repo method has exactly one route. A missing or surplus route does not compile. */
const routes = {
  media: mediaRoutes,
  hashes: hashesRoutes,
  aliases: aliasesRoutes,
  settings: settingsRoutes,
  details: detailsRoutes,
  queue: queueRoutes,
  files: filesRoutes,
  blocklist: blocklistRoutes,
  usage: usageRoutes,
  report: reportRoutes,
  storeMigration: storeMigrationRoutes,
  proxies: proxiesRoutes,
  uploads: uploadsRoutes,
  variantClaims: variantClaimsRoutes,
  aliasAccess: aliasAccessRoutes,
  variantAccess: variantAccessRoutes,
} satisfies { [Name in keyof Repos]: Record<keyof Repos[Name], Route<Repos[Name]>> };

/** Registers every route as `<repo>.<method>`. */
export function registerRepos(app: FastifyInstance, repos: Repos): void {
  for (const [name, repo] of Object.entries(repos)) {
    const methods: Record<string, Route<never>> = routes[name as keyof Repos];
    for (const [method, route] of Object.entries(methods)) {
      route.register(app, repo as never, { id: `${name}.${method}`, tag: name });
    }
  }
}
