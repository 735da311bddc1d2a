import { describeConfig } from './config.js';
import { runProgram } from './process.js';
import { startService } from './service.js';

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(
    'pict-repo: the metadata and job queue of an image host, over REST.\n\nEnvironment variables:\n',
  );
  for (const { name, fallback, description } of describeConfig()) {
    console.log(`  ${name}${fallback && ` (${fallback})`}\n      ${description}`);
  }
} else {
  await runProgram(async ({ config, databaseUrl, log, resources }) => {
    const service = await startService(config, databaseUrl, log);
    resources.add(() => service.close());
    log.info({ url: service.url }, `docs: ${service.url}/docs`);
    if (service.metricsUrl) log.info(`metrics: ${service.metricsUrl}/metrics`);
    return { stay: true, hurry: service.hurry, reload: service.reloadKeys };
  });
}
