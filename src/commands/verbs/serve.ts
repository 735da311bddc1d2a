import { setFlagsFromString } from 'node:v8';
import { parse, readArguments } from '../../arguments.js';

/** `pict-repo serve`: migrates the database and runs the service until a signal stops it. */
export async function serve(args: string[]): Promise<void> {
  await readArguments({ usage: 'pict-repo serve', help }, (args) => parse({ args }), args);

  // Keeps the heap for young objects small at the start. Otherwise it would grow, and an idle process would keep 15 MB
  // more.
  setFlagsFromString('--semi-space-growth-factor=1');

  // Loaded only when they are needed, so that a wrong configuration is reported at once.
  const { runProgram } = await import('../../process.js');
  await runProgram(async ({ config, databaseUrl, log, resources }) => {
    const { startService } = await import('../../service.js');
    const service = await startService(config, databaseUrl, log);
    resources.add(() => service.close());
    // The default of V8: under load a larger heap is faster.
    setFlagsFromString('--semi-space-growth-factor=2');
    log.info(
      { url: service.url },
      config.DOCS === 'open'
        ? `console: ${service.url}/console, docs: ${service.url}/docs`
        : 'the pages are off',
    );
    if (service.metricsUrl) log.info(`metrics: ${service.metricsUrl}/metrics`);
    return { stay: true, hurry: service.hurry, reload: service.reloadKeys };
  });
}

async function help(): Promise<string> {
  const { describeEnvironment } = await import('../environment.js');
  return (
    'Migrates the database and runs the service until SIGTERM or SIGINT. Without DATABASE_URL it starts an embedded\n' +
    `PostgreSQL, and makes its database where there is none.\n\n${describeEnvironment()}`
  );
}
