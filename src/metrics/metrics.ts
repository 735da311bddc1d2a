import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import Type from 'typebox';
import type { CutReason } from '../http/connection.js';
import { KEY_SCHEME } from '../http/openapi.js';
import { responses } from '../http/responses.js';
import type { QueueStats } from '../repos/queue/figures.js';
import type { QueueObserver } from '../repos/queue/observer.js';
import { queueFigures } from './queue-metrics.js';

/** What is looked at when somebody asks, rather than counted. */
interface Sources {
  pool: () => { running: number; waiting: number; size: number };
  parked: () => number;
  isListening: () => boolean;
  isDraining: () => boolean;
  streams: () => number;
  connections: () => { received: number; unread: number };
  queues: () => Promise<QueueStats[]>;
}

export type Metrics = ReturnType<typeof createMetrics>;

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];

/** What /metrics shows: one registry for each service, of which a process may hold several. */
export function createMetrics(version: string) {
  const registry = new Registry();
  const registers = [registry];

  const durations = new Histogram({
    name: 'pict_repo_http_request_duration_seconds',
    help: 'Answered requests, by operationId (none: no operation of the API). A pop includes its waiting.',
    labelNames: ['operation', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers,
  });
  const batches = new Histogram({
    name: 'pict_repo_queue_batch_size',
    help: 'Jobs that one statement was about; pop: that it asked for.',
    labelNames: ['kind'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
    registers,
  });
  const jobs = new Counter({
    name: 'pict_repo_jobs_total',
    help: 'Jobs, by what happened to them through this process; expired: their lease ran out.',
    labelNames: ['event'],
    registers,
  });
  const rows = new Counter({
    name: 'pict_repo_stream_rows_total',
    help: 'Rows that were sent on streams.',
    labelNames: ['operation'],
    registers,
  });
  const cuts = new Counter({
    name: 'pict_repo_connections_cut_total',
    help:
      'Connections that were cut, by why: pipelining (too much), parts (too small ones), stalled (nothing was read), ' +
      'received or unread (for its budget), stream_place (for another stream), linger (it sent on after its last answer).',
    labelNames: ['reason'],
    registers,
  });
  new Gauge({
    name: 'pict_repo_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);

  const observer: QueueObserver = {
    batch: (kind, size) => batches.observe({ kind }, size),
    jobs: (event, count) => jobs.inc({ event }, count),
  };

  let refresh = async (): Promise<void> => {};

  return {
    contentType: registry.contentType,
    observer,
    async text(): Promise<string> {
      await refresh();
      return await registry.metrics();
    },
    onCut: (reason: CutReason) => cuts.inc({ reason }),
    onRows: (operation: string, count: number) => rows.inc({ operation }, count),

    /** Counts the requests of an app. A client that goes away before its answer is not counted. */
    observeRequests(app: FastifyInstance): void {
      app.addHook('onResponse', (request, reply, done) => {
        done();
        const operation = request.routeOptions.config?.operationId ?? 'none';
        const method = METHODS.includes(request.method) ? request.method : 'other';
        const status = `${Math.floor(reply.statusCode / 100)}xx`;
        durations.observe({ operation, method, status }, reply.elapsedTime / 1000);
      });
    },

    /** Adds what is looked at when somebody asks, and what node says of the process. */
    watch(sources: Sources): void {
      const look = (name: string, help: string, value: () => number): void => {
        new Gauge({
          name: `pict_repo_${name}`,
          help,
          registers,
          collect() {
            this.set(value());
          },
        });
      };
      look('pool_connections_in_use', 'Statements that run now.', () => sources.pool().running);
      look('pool_requests_waiting', 'Statements that wait for a connection.', () => sources.pool().waiting);
      look('pool_connections_max', 'Connections for statements.', () => sources.pool().size);
      look('parked_polls', 'Pops that wait on this process.', sources.parked);
      look('streams_open', 'Streams that are being sent.', sources.streams);
      look('received_bytes', 'Bodies and waiting requests in memory.', () => sources.connections().received);
      look('unread_bytes', 'Answers that are being sent.', () => sources.connections().unread);
      look('listener_up', 'Whether this process hears of jobs that others push.', () =>
        Number(sources.isListening()),
      );
      look('draining', 'Whether this process is about to close.', () => Number(sources.isDraining()));
      refresh = queueFigures(registry, sources.queues);
      collectDefaultMetrics({ register: registry });
    },
  };
}

/** The route /metrics. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.route({
    method: 'GET',
    url: '/metrics',
    config: { operationId: 'operations.metrics', quiet: true, scope: 'read', rateLimit: false },
    schema: {
      operationId: 'operations.metrics',
      security: [{ [KEY_SCHEME]: ['read'] }],
      tags: ['operations'],
      summary: 'Figures for Prometheus',
      description:
        'In the text format 0.0.4. The figures of the queues are those of the database, the same from every ' +
        'replica, and some seconds old; all others are those of this process. With `METRICS_PORT` it is ' +
        'served on that port alone.',
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
