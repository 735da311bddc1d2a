import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { newPage, openBrowser } from './support/browser.js';
import { atEnd, releaseAll } from './support/cleanup.js';
import { fillMedia, fillQueues } from './support/console-data.js';
import { listen } from './support/listen.js';
import { startOwnPostgres } from './support/own-postgres.js';
import { startTestService } from './support/service.js';

/**
 * `npm run screenshots`: writes the pictures of the console in docs/screenshots, on a service of its own with made-up
 * content. With a folder as argument it writes every view there, in light and dark, for a desk and a phone.
 */
const [folder] = process.argv.slice(2);
const SIZES = { desk: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } };
const CONTENTS = 60;
/** The trends need some whole minutes. */
const TRAFFIC_MS = folder ? 0 : 200_000;

/** Those of the README. */
const SHOWN = [
  { shot: 'queues', size: 'desk', colours: 'light' },
  { shot: 'queues', size: 'desk', colours: 'dark' },
  { shot: 'queue', size: 'desk', colours: 'light' },
  { shot: 'content', size: 'desk', colours: 'light' },
  { shot: 'usage', size: 'desk', colours: 'light' },
  { shot: 'report', size: 'desk', colours: 'dark' },
] as const;

/** Pushes and runs jobs for a while, now more and now fewer. */
async function makeTraffic(ask: Awaited<ReturnType<typeof startTestService>>['ask']): Promise<void> {
  const end = Date.now() + TRAFFIC_MS;
  for (let round = 0; Date.now() < end; round++) {
    const jobs = Array.from({ length: 20 + 5 * (round % 9) }, (_, n) => ({ job: { Cleanup: n } }));
    await ask('POST', '/queues/generate/jobs/batch', { jobs });
    const { json } = await ask('POST', '/queues/generate/pop', {
      worker_id: 'pict-2',
      max: 15 + 5 * (round % 9),
    });
    const leases: string[] = json.jobs.map(({ lease }: { lease: string }) => lease);
    const failed = leases.splice(0, round % 3);
    for (const lease of failed)
      await ask('POST', `/leases/${lease}/fail`, { error: 'timeout', delay_seconds: 60 });
    await ask('POST', '/leases/complete', { leases });
    await setTimeout(2000);
  }
}

/** A server of pictures, each with colours of its own. */
async function servePictures(): Promise<string> {
  const server = createServer((request, response) => {
    const seed = [...(request.url ?? '')].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 48">
      <rect width="64" height="48" fill="hsl(${seed} 55% 72%)"/>
      <circle cx="${14 + (seed % 36)}" cy="14" r="7" fill="hsl(${(seed + 40) % 360} 90% 88%)"/>
      <path d="M0 40 L${12 + (seed % 10)} 22 L28 36 L${42 + (seed % 8)} 18 L64 38 V48 H0 Z" fill="hsl(${seed} 45% 38%)"/>
    </svg>`;
    response.setHeader('content-type', 'image/webp');
    sharp(Buffer.from(svg), { density: 300 }).webp().pipe(response);
  });
  const port = await listen(server);
  atEnd(async () => server.close());
  return `http://127.0.0.1:${port}`;
}

async function shoot(page: Page, file: string, isWhole: boolean): Promise<void> {
  const png = await page.screenshot({ fullPage: isWhole });
  await writeFile(file, await sharp(png).webp({ quality: 82, effort: 6 }).toBuffer());
  console.log(file);
}

async function run(): Promise<void> {
  const opened = await openBrowser();
  if ('skip' in opened) throw new Error(opened.skip);
  const pictures = await servePictures();
  const database = await startOwnPostgres();
  const service = await startTestService(
    { PREVIEW_URL_TEMPLATE: `${pictures}/{identifier}`, QUEUE_WAIT_SECONDS: '30' },
    database,
  );
  const contents = await fillMedia(service.ask, CONTENTS);
  await fillQueues(service.ask);
  const waiting = new AbortController();
  for (const worker of ['pict-3', 'pict-4', 'pict-5'])
    service
      .ask('POST', '/queues/cleanup/pop', { worker_id: worker, wait_seconds: 55 }, { signal: waiting.signal })
      .catch(() => {});
  const [dead] = (await service.ask('GET', '/queues/ingest/jobs?state=dead')).json.jobs;
  const [content] = contents;

  const views: [name: string, path: string][] = [
    ['queues', 'queues'],
    ['queue', 'queue?queue=generate&state=running'],
    ['queue-dead', 'queue?queue=ingest&state=dead'],
    ['jobs', 'jobs?state=dead'],
    ['job', `job?id=${dead.id}`],
    ['workers', 'workers'],
    ['worker', 'worker?worker=pict-1'],
    ['media', 'media'],
    ['owner', 'media?owner=grace'],
    ['content', `content?hash=${content?.hash}`],
    ['search', 'search?q=nothing'],
    ['usage', 'usage'],
    ['report', 'report'],
  ];
  const target = folder ?? join(import.meta.dirname, '../../docs/screenshots');
  await mkdir(target, { recursive: true });
  const shots = folder
    ? (['light', 'dark'] as const).flatMap((colours) =>
        (['desk', 'phone'] as const).flatMap((size) =>
          views.map(([name, path]) => ({ name, path, colours, size })),
        ),
      )
    : SHOWN.flatMap(({ shot, ...look }) =>
        views.filter(([name]) => name === shot).map(([name, path]) => ({ name, path, ...look })),
      );
  await makeTraffic(service.ask);
  for (const { name, path, colours, size } of shots) {
    const page = await newPage(opened.browser, { viewport: SIZES[size], colorScheme: colours });
    page.on('console', (message) => console.log(`  ${name}: ${message.text()}`));
    page.on('pageerror', (error) => console.log(`  ${name}: ${error}`));
    await page.goto(`${service.base}/console/${path}`, { waitUntil: 'networkidle' });
    await shoot(page, join(target, `${name}-${size}-${colours}.webp`), folder !== undefined);
    await page.close();
  }
  waiting.abort();
}

try {
  await run();
} finally {
  await releaseAll();
}
