import { pino } from 'pino';
import pretty from 'pino-pretty';

interface LogOptions {
  level: string;
  format: 'auto' | 'json' | 'pretty';
}

/** JSON lines on standard output; in a terminal, lines for people. */
export function createLog({ level, format }: LogOptions) {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY);
  const options = {
    level,
    // What the framework logs by itself must not bring query strings or headers along.
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: url?.split('?', 1)[0] }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
      err: ({ message, stack, code }: Error & { code?: string }) => ({ message, code, stack }),
    },
  };
  if (!isPretty) return pino(options);
  return pino(
    options,
    pretty({ sync: true, ignore: 'pid,hostname,request_id,method,path,operation,status', singleLine: true }),
  );
}
