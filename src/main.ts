import { setFlagsFromString } from 'node:v8';
import { parse, readArguments } from './arguments.js';

await readArguments({ usage: 'node dist/src/main.js [--help | --version]', help }, () => parse({}));

// The start would let the heap for young objects grow, which stays so large in an idle process: 15 MB.
setFlagsFromString('--semi-space-growth-factor=1');

// Loaded only when they are needed, so that wrong arguments, and a wrong configuration, are reported at once.
const { runProgram } = await import('./process.js');

await runProgram(async ({ config, databaseUrl, log, resources }) => {
  const { startService } = await import('./service.js');
  const service = await startService(config, databaseUrl, log);
  resources.add(() => service.close());
  // The default of V8: under load a larger heap is faster.
  setFlagsFromString('--semi-space-growth-factor=2');
  log.info({ url: service.url }, `docs: ${service.url}/docs`);
  if (service.metricsUrl) log.info(`metrics: ${service.metricsUrl}/metrics`);
  return { stay: true, hurry: service.hurry, reload: service.reloadKeys };
});

async function help(): Promise<string> {
  const { describeConfig } = await import('./config-variables.js');
  const variables = describeConfig().map(
    ({ name, fallback, description }) => `  ${name}${fallback && ` (${fallback})`}\n      ${description}`,
  );
  return (
    'pict-repo: the metadata and job queue of an image host, over REST.\n\n' +
    `Environment variables:\n\n${variables.join('\n')}`
  );
}
