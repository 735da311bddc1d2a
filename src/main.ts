#!/usr/bin/env node
import { refuse, unknownWord } from './arguments.js';
import { version } from './version.js';

/*
 * The program: its first argument is the name of a command. Commands are loaded only when they are called, so that wrong
 * arguments, and a wrong configuration, are reported at once.
 */

type Run = (args: string[]) => Promise<void>;

const COMMANDS: Record<string, { summary: string; load: () => Promise<Run> }> = {
  serve: {
    summary: 'runs the service',
    load: async () => (await import('./commands/verbs/serve.js')).serve,
  },
  migrate: {
    summary: 'brings the schema of the database up to date, or takes migrations back',
    load: async () => (await import('./commands/verbs/migrate.js')).migrate,
  },
  key: {
    summary: 'makes a key',
    load: async () => (await import('./commands/verbs/key.js')).key,
  },
  import: {
    summary: 'imports the data of an export, or of a pict-rs 0.5',
    load: async () => (await import('./commands/verbs/import.js')).importInto,
  },
  export: {
    summary: 'writes all data to a file',
    load: async () => (await import('./commands/verbs/export.js')).exportTo,
  },
  report: {
    summary: 'asks a running service what is left over or inconsistent',
    load: async () => (await import('./commands/verbs/report.js')).report,
  },
  healthcheck: {
    summary: 'asks the service on this machine whether it is alive',
    load: async () => (await import('./commands/verbs/healthcheck.js')).healthcheck,
  },
};

const USAGE = 'pict-repo COMMAND [ARGUMENT…]';
const HELP = `Usage: ${USAGE}

pict-repo: the metadata and job queue of an image host, over REST.

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}\n`)
  .join('')}
pict-repo COMMAND --help describes a command, its options and its environment variables.
pict-repo --version prints the version.

Exit codes: 0 done · 1 failed; the message says why · 2 wrong arguments, and nothing was done · 3 done, but something
was left behind, which is listed · 128 and the number of the signal (130, 143) where one ended the command. A service
that a signal stops exits with 0.`;

const [word, ...rest] = process.argv.slice(2);
const [name, args] = word === 'help' ? [rest[0], ['--help']] : [word, rest];

if (name === undefined || name === '--help' || name === '-h') {
  // Without a command nothing is started, and the arguments count as wrong. To ask for help is not an error.
  const isAsked = word !== undefined;
  (isAsked ? console.log : console.error)(HELP);
  process.exitCode = isAsked ? 0 : 2;
} else if (name === '--version') {
  console.log(version);
} else {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const what = name.startsWith('-') ? 'option' : 'command';
    refuse(unknownWord(what, name, [...Object.keys(COMMANDS), '--help', '--version']), USAGE);
  }
  const run = await command.load();
  await run(args);
}
