import { DEFAULT_HOST, DEFAULT_PORT, localUrl, readHost } from '../address.js';

/** Exits with 0 if the service that has the same HOST and PORT is alive, for a container's health check. */
const host = process.env['HOST'] || DEFAULT_HOST;
const url = localUrl(readHost(host) ?? host, Number(process.env['PORT'] || DEFAULT_PORT));
const isAlive = await fetch(`${url}/livez`).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(isAlive ? 0 : 1);
