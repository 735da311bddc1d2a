import { parse as parseArguments } from '../../src/arguments.js';

export const HELP = `Moves the files of pict-repo from one folder to another, beside the running service.

  npm run migrate-store -- --from FOLDER --to FOLDER [options]

  --from FOLDER    where the files are, by their identifiers
  --to FOLDER      where they are copied to, under new identifiers
  --service URL    where pict-repo listens (http://127.0.0.1:3000)
  --key TOKEN      the API key, where the service wants one (PICT_REPO_KEY)
  --concurrency N  how many files at a time, 1 to 64 (8)
  --help           this text

It may be stopped and started again at any moment. The files in the old folder are left.

Exit code: 0 where every file was moved; 1 where one was not, and the report says why; 2 for wrong arguments.`;

export interface Arguments {
  from: string;
  to: string;
  service: string;
  key: string | undefined;
  concurrency: number;
}

export class UsageError extends Error {}

/** Undefined if only the help was requested. */
export function readArguments(args = process.argv.slice(2), env = process.env): Arguments | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const { from, to, service, key, concurrency } = values;
  if (from === undefined || to === undefined) throw new UsageError('Give --from and --to.');
  if (!/^https?:/.test(service) || !URL.canParse(service))
    throw new UsageError('--service takes an http URL.');
  const count = Number(concurrency);
  if (!/^\d+$/.test(concurrency) || count < 1 || count > 64)
    throw new UsageError('--concurrency takes a number from 1 to 64.');
  return { from, to, service, key: key ?? (env['PICT_REPO_KEY'] || undefined), concurrency: count };
}

function parse(args: string[]) {
  try {
    return parseArguments({
      args,
      options: {
        from: { type: 'string' },
        to: { type: 'string' },
        service: { type: 'string', default: 'http://127.0.0.1:3000' },
        key: { type: 'string' },
        concurrency: { type: 'string', default: '8' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
