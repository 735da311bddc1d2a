import { parseArgs } from 'node:util';

export const HELP = `Gives pict-repo the metadata of a folder of images, as uploads to pict-rs do.

  npm run ingest -- [options] FOLDER

  --service URL      where pict-repo listens (http://127.0.0.1:3000)
  --key TOKEN        the API key, where the service wants one (PICT_REPO_KEY)
  --store FOLDER     copies the files to FOLDER/<identifier>
  --push QUEUE       pushes a job for the thumbnail of each image that has none
  --concurrency N    how many files at a time, 1 to 64 (8)
  --help             this text

Takes JPEG, PNG, GIF and WebP, by their content. A second run creates only what is missing.`;

export interface Arguments {
  folder: string;
  service: string;
  key: string | undefined;
  store: string | undefined;
  push: string | undefined;
  concurrency: number;
}

export class UsageError extends Error {}

/** Undefined where only help is wanted. */
export function readArguments(args = process.argv.slice(2), env = process.env): Arguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) throw new UsageError('Give one FOLDER.');
  if (!/^https?:/.test(values.service) || !URL.canParse(values.service)) {
    throw new UsageError('--service takes an http URL.');
  }
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64) {
    throw new UsageError('--concurrency takes a number from 1 to 64.');
  }
  const { service, store, push } = values;
  const key = values.key ?? (env['PICT_REPO_KEY'] || undefined);
  return { folder, service, key, store, push, concurrency };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        service: { type: 'string', default: 'http://127.0.0.1:3000' },
        key: { type: 'string' },
        store: { type: 'string' },
        push: { type: 'string' },
        concurrency: { type: 'string', default: '8' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
