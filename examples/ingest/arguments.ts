import { parse as parseArguments } from '../../src/arguments.js';

export const HELP = `Gives pict-repo the metadata of a folder of images, as uploads to pict-rs do.

  npm run ingest -- [options] FOLDER

  --service URL      where pict-repo listens (http://127.0.0.1:3000)
  --key TOKEN        the API key, where the service wants one (PICT_REPO_KEY)
  --store FOLDER     copies the files to FOLDER/<identifier>
  --push QUEUE       pushes a job for the thumbnail of each image that has none
  --concurrency N    how many files at a time, 1 to 64 (8)
  --max-megapixels N the largest picture that is decoded, 1 to 10000 (268)
  --keep-metadata    keeps place, time, camera and the like in the files
  --help             this text

Takes JPEG, PNG, GIF and WebP, by their content. A second run creates only what is missing. Hidden files,
links, stores and folders such as @eaDir are left out.

Exit code: 0 where each image is in; 1 where one is not, and the report says why; 2 for wrong arguments.`;

export interface Arguments {
  folder: string;
  service: string;
  key: string | undefined;
  store: string | undefined;
  push: string | undefined;
  concurrency: number;
  maxMegapixels: number;
  keepMetadata: boolean;
}

export class UsageError extends Error {}

/** Undefined if only the help was requested. */
export function readArguments(args = process.argv.slice(2), env = process.env): Arguments | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) throw new UsageError('Give one FOLDER.');
  if (!/^https?:/.test(values.service) || !URL.canParse(values.service)) {
    throw new UsageError('--service takes an http URL.');
  }
  const { service, store, push } = values;
  return {
    folder,
    service,
    key: values.key ?? (env['PICT_REPO_KEY'] || undefined),
    store,
    push,
    concurrency: wholeNumber('--concurrency', values.concurrency, 64),
    maxMegapixels: wholeNumber('--max-megapixels', values['max-megapixels'], 10_000),
    keepMetadata: values['keep-metadata'],
  };
}

function wholeNumber(option: string, value: string, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > most) {
    throw new UsageError(`${option} takes a number from 1 to ${most}.`);
  }
  return number;
}

function parse(args: string[]) {
  try {
    return parseArguments({
      args,
      allowPositionals: true,
      options: {
        service: { type: 'string', default: 'http://127.0.0.1:3000' },
        key: { type: 'string' },
        store: { type: 'string' },
        push: { type: 'string' },
        concurrency: { type: 'string', default: '8' },
        'max-megapixels': { type: 'string', default: '268' },
        'keep-metadata': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
