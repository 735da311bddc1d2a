import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import Type from 'typebox';
import { securityOf } from '../http/openapi.js';
import { CUT_REASONS, type CutReason } from '../http/registry.js';
import { responses } from '../http/responses.js';
import type { QueueStats } from '../repos/queue/sql/count-queues.js';
import { RequestDurations } from './durations.js';
import { queueEvents } from './queue-events.js';
import { queueFigures } from './queue-metrics.js';

/** Values that are read at each scrape. */
interface Sources {
  pool: () => { running: number; waiting: number; size: number };
  parked: () => number;
  waiting: () => number;
  isListening: () => boolean;
  isDraining: () => boolean;
  streams: () => number;
  connections: () => { received: number; unread: number };
  queues: () => Promise<QueueStats[]>;
}

export type Metrics = ReturnType<typeof createMetrics>;

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];

/** The metrics of one service. Each service has its own registry, because a process may hold several services. */
export function createMetrics(version: string) {
  const registry = new Registry();
  const registers = [registry];

  const durations = new RequestDurations();
  const rows = new Counter({
    name: 'pict_repo_stream_rows_total',
    help: 'Rows sent on streams.',
    labelNames: ['operation'],
    registers,
  });
  const cuts = new Counter({
    name: 'pict_repo_connections_cut_total',
    help:
      'Connections that were cut, by reason: pipelining (too many requests), parts (of a body, too small), stalled (the ' +
      'client did not read), received or unread (memory budget), stream_place (for another stream), linger (the client ' +
      'kept sending).',
    labelNames: ['reason'],
    registers,
  });
  const refusedWrites = new Counter({
    name: 'pict_repo_writes_refused_total',
    help: 'Writes that the database refused, by reason: disk_full, or read_only (a standby, or set to read-only).',
    labelNames: ['reason'],
    registers,
  });
  // A counter that begins with its first event would hide that one from increase().
  for (const reason of CUT_REASONS) cuts.inc({ reason }, 0);
  for (const reason of ['disk_full', 'read_only']) refusedWrites.inc({ reason }, 0);
  new Gauge({
    name: 'pict_repo_build_info',
    help: 'Always 1; the labels name the version of the service and of Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);

  const observer = queueEvents(registry);

  let refresh = async (): Promise<void> => {};

  return {
    contentType: registry.contentType,
    observer,
    async text(): Promise<string> {
      await refresh();
      return (await registry.metrics()) + observer.text() + durations.text();
    },
    onCut: (reason: CutReason) => cuts.inc({ reason }),
    onWriteRefused: (reason: string) => refusedWrites.inc({ reason }),
    onRows: (operation: string, count: number) => rows.inc({ operation }, count),

    /** Measures the requests of an app. A client that goes away before its answer is not counted. */
    observeRequests(app: FastifyInstance): void {
      app.addHook('onResponse', (request, reply, done) => {
        done();
        const operation = request.routeOptions.config?.operationId ?? 'none';
        const method = METHODS.includes(request.method) ? request.method : 'other';
        durations.observe(operation, method, reply.statusCode, reply.elapsedTime / 1000);
      });
    },

    /** Adds the values that are read at each scrape, and the default metrics of the process. */
    watch(sources: Sources): void {
      const gauge = (name: string, help: string, value: () => number): void => {
        new Gauge({
          name: `pict_repo_${name}`,
          help,
          registers,
          collect() {
            this.set(value());
          },
        });
      };
      gauge('pool_connections_in_use', 'Statements that are running.', () => sources.pool().running);
      gauge('pool_requests_waiting', 'Statements that wait for a connection.', () => sources.pool().waiting);
      gauge('pool_connections_max', 'Connections for statements.', () => sources.pool().size);
      gauge('parked_polls', 'Pops that wait in this process.', sources.parked);
      gauge(
        'waiting_reads',
        'Requests that wait in this process for an upload or the making of a variant.',
        sources.waiting,
      );
      gauge('streams_open', 'Open streams.', sources.streams);
      gauge(
        'received_bytes',
        'Bytes of bodies and pipelined requests in memory.',
        () => sources.connections().received,
      );
      gauge(
        'unread_bytes',
        'Bytes of answers that clients have not read.',
        () => sources.connections().unread,
      );
      gauge(
        'listener_up',
        'Whether this process receives notifications of jobs that other processes push.',
        () => Number(sources.isListening()),
      );
      gauge('draining', 'Whether this process is shutting down.', () => Number(sources.isDraining()));
      refresh = queueFigures(registry, sources.queues);
      collectDefaultMetrics({ register: registry });
    },
  };
}

/** Serves /metrics. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.route({
    method: 'GET',
    url: '/metrics',
    config: { operationId: 'operations.metrics', quiet: true, scope: 'read', rateLimit: false },
    schema: {
      operationId: 'operations.metrics',
      security: securityOf('read'),
      tags: ['operations'],
      summary: 'Figures for Prometheus',
      description:
        'In the text format 0.0.4. The figures of the queues come from the database, so every replica shows the same; they ' +
        'can be a few seconds old. All other metrics are of this process. With `METRICS_PORT`, only that port serves them.',
      response: responses(
        {
          200: {
            description: 'The metrics.',
            type: 'text/plain',
            schema: Type.String(),
            example: '# TYPE pict_repo_parked_polls gauge\npict_repo_parked_polls 2\n',
          },
        },
        [],
      ),
    },
    handler: async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).header('cache-control', 'no-store').send(text);
    },
  });
}
