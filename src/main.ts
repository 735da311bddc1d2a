import { parseArgs } from 'node:util';
import { readArguments } from './arguments.js';
import { describeConfig } from './config.js';
import { runProgram } from './process.js';
import { startService } from './service.js';

readArguments({ usage: 'node dist/src/main.js [--help | --version]', help }, () => parseArgs({}));

await runProgram(async ({ config, databaseUrl, log, resources }) => {
  const service = await startService(config, databaseUrl, log);
  resources.add(() => service.close());
  log.info({ url: service.url }, `docs: ${service.url}/docs`);
  if (service.metricsUrl) log.info(`metrics: ${service.metricsUrl}/metrics`);
  return { stay: true, hurry: service.hurry, reload: service.reloadKeys };
});

function help(): string {
  const variables = describeConfig().map(
    ({ name, fallback, description }) => `  ${name}${fallback && ` (${fallback})`}\n      ${description}`,
  );
  return `pict-repo: the metadata and job queue of an image host, over REST.\n\nEnvironment variables:\n\n${variables.join('\n')}`;
}
