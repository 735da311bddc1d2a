import type { FunctionComponent } from 'preact';
import type { View } from './address.js';
import { ContentView } from './media/content.js';
import { MediaView } from './media/media.js';
import { ReportView } from './media/report.js';
import { SearchView } from './media/search.js';
import { UsageView } from './media/usage.js';
import { JobView } from './queues/job.js';
import { JobsView } from './queues/jobs.js';
import { QueueView } from './queues/queue.js';
import { QueuesView } from './queues/queues.js';
import { WorkerView } from './queues/worker.js';
import { WorkersView } from './queues/workers.js';

interface ViewOf {
  /** The link of the header that it belongs to. */
  tab: View | undefined;
  title: (query: URLSearchParams) => string;
  Show: FunctionComponent;
}

/** The table of contents: src/http/pages.ts serves these names. */
export const VIEWS: Record<string, ViewOf | undefined> = {
  queues: { tab: 'queues', title: () => 'Queues', Show: QueuesView },
  queue: { tab: 'queues', title: (query) => `Queue ${query.get('queue') ?? ''}`, Show: QueueView },
  jobs: { tab: 'queues', title: () => 'Jobs', Show: JobsView },
  job: { tab: 'queues', title: (query) => `Job ${query.get('id') ?? ''}`, Show: JobView },
  workers: { tab: 'workers', title: () => 'Workers', Show: WorkersView },
  worker: { tab: 'workers', title: (query) => `Worker ${query.get('worker') ?? ''}`, Show: WorkerView },
  media: { tab: 'media', title: () => 'Media', Show: MediaView },
  content: { tab: 'media', title: () => 'Content', Show: ContentView },
  search: { tab: undefined, title: (query) => `Search ${query.get('q') ?? ''}`, Show: SearchView },
  usage: { tab: 'usage', title: () => 'Usage', Show: UsageView },
  report: { tab: 'report', title: () => 'Report', Show: ReportView },
} satisfies Record<View, ViewOf>;
