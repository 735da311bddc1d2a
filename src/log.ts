import { pino } from 'pino';

interface LogOptions {
  level: string;
  format: 'auto' | 'json' | 'pretty';
}

/** Logs JSON lines to standard output, or readable lines in a terminal. */
export async function createLog({ level, format }: LogOptions) {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const options = {
    level,
    // Keeps query strings and headers out of what Fastify itself logs.
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: url?.split('?', 1)[0] }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
      err: ({ message, stack, code }: Error & { code?: string }) => ({ message, code, stack }),
    },
  };
  if (!isPretty) return pino(options);
  // Loaded only here, because it makes the start longer.
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({ sync: true, ignore: 'pid,hostname,request_id,method,path,operation,status', singleLine: true }),
  );
}
