import { DEFAULT_HOST, DEFAULT_PORT, localUrl, readHost } from '../../address.js';
import { parse, readArguments } from '../../arguments.js';

/** `pict-repo healthcheck`: exits with 0 if the service that has the same HOST and PORT is alive. */
export async function healthcheck(args: string[]): Promise<void> {
  await readArguments({ usage: 'pict-repo healthcheck', help }, (args) => parse({ args }), args);
  const host = process.env['HOST'] || DEFAULT_HOST;
  const url = localUrl(readHost(host) ?? host, Number(process.env['PORT'] || DEFAULT_PORT));
  const isAlive = await fetch(`${url}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );
  process.exit(isAlive ? 0 : 1);
}

async function help(): Promise<string> {
  const { describeEnvironment } = await import('../environment.js');
  return (
    'Exits with 0 if the service on this machine is alive (GET /livez), else with 1. For the health check of a\n' +
    `container, which has the environment of the service.\n\n${describeEnvironment(['HOST', 'PORT'])}`
  );
}
