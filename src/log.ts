import { destination, pino } from 'pino';

interface LogOptions {
  level: string;
  format: 'auto' | 'json' | 'pino' | 'pretty';
  /** A command whose output is for other programs logs to standard error. */
  output?: { fd: number; isTTY?: boolean };
}

/** Names of levels, and times in RFC 3339, for programs that do not know pino's numbers and milliseconds. */
const READABLE = {
  formatters: { level: (level: string) => ({ level }) },
  timestamp: pino.stdTimeFunctions.isoTime,
};

/** Logs JSON lines, or readable lines in a terminal. */
export async function createLog({ level, format, output = process.stdout }: LogOptions) {
  const isPretty = format === 'pretty' || (format === 'auto' && output.isTTY === true);
  const options = {
    level,
    // Keeps query strings and headers out of what Fastify itself logs.
    serializers: {
      req: ({ method, url }: { method: string; url: string }) => ({ method, path: url?.split('?', 1)[0] }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
      err: ({ message, stack, code }: Error & { code?: string }) => ({ message, code, stack }),
    },
  };
  if (!isPretty) {
    const form = format === 'pino' ? {} : READABLE;
    return pino({ ...options, ...form }, destination({ fd: output.fd, sync: true }));
  }
  // Loaded only here, because it makes the start longer.
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      destination: output.fd,
      sync: true,
      ignore: 'pid,hostname,request_id,method,path,operation,status,remote,trace_id,parent_id',
      singleLine: true,
    }),
  );
}
