import { parse as parseArguments } from '../../src/arguments.js';

export const HELP = `Makes the variants that jobs ask for, until it is stopped.

  npm run thumbnailer -- --store FOLDER [options]

  --store FOLDER      where the files are, by their identifiers; the variants go there too
  --service URL       where pict-repo listens (http://127.0.0.1:3000)
  --queue NAME        where the jobs come from (process)
  --concurrency N     how many jobs at a time, 1 to 64 (2)
  --max-megapixels N  the largest picture that is decoded, 1 to 10000 (268)
  --worker-id NAME    a name that outlives the process, and that no other has: takes back at its start what
                      it held when it crashed
  --lease-seconds N   how long a job may go unheard of before it is another's (60)
  --help              this text

PICT_REPO_KEY holds the API key, where the service wants one.`;

export interface Arguments {
  store: string;
  service: string;
  key: string | undefined;
  queue: string;
  concurrency: number;
  maxMegapixels: number;
  workerId: string | undefined;
  leaseSeconds: number;
}

export class UsageError extends Error {}

/** Undefined if only the help was requested. */
export function readArguments(args = process.argv.slice(2), env = process.env): Arguments | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { store, service, queue } = values;
  if (store === undefined) throw new UsageError('Give the folder of the files: --store FOLDER.');
  if (!/^https?:/.test(service) || !URL.canParse(service)) {
    throw new UsageError('--service takes an http URL.');
  }
  return {
    store,
    service,
    key: env['PICT_REPO_KEY'] || undefined,
    queue,
    concurrency: wholeNumber('--concurrency', values.concurrency, 64),
    maxMegapixels: wholeNumber('--max-megapixels', values['max-megapixels'], 10_000),
    workerId: values['worker-id'],
    leaseSeconds: wholeNumber('--lease-seconds', values['lease-seconds'], 43_200),
  };
}

function parse(args: string[]) {
  try {
    return parseArguments({
      args,
      options: {
        store: { type: 'string' },
        service: { type: 'string', default: 'http://127.0.0.1:3000' },
        queue: { type: 'string', default: 'process' },
        concurrency: { type: 'string', default: '2' },
        'max-megapixels': { type: 'string', default: '268' },
        'worker-id': { type: 'string' },
        'lease-seconds': { type: 'string', default: '60' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > most) {
    throw new UsageError(`${option} takes a number from 1 to ${most}.`);
  }
  return number;
}
