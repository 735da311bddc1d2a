import { DEFAULT_HOST, DEFAULT_PORT, localUrl, readHost } from '../../address.js';
import { parse, readArguments } from '../../arguments.js';
import { readTextFile } from '../../text-file.js';
import type { Asked } from '../ask-report.js';

interface Task extends Asked {
  json: boolean;
}

/** `pict-repo report`: asks a service what is left over or inconsistent, and prints it. */
export async function report(args: string[]): Promise<void> {
  const { json, ...asked } = await readArguments(
    { usage: 'pict-repo report [--url URL] [--key-file FILE] [--json]', help },
    readTask,
    args,
  );
  const { askReport, describeReport } = await import('../ask-report.js');
  try {
    const answer = await askReport(asked);
    console.log(json ? JSON.stringify(answer) : describeReport(answer));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function readTask(args: string[]): Task {
  const text = { type: 'string' } as const;
  const { values } = parse({
    args,
    options: { url: text, 'key-file': text, json: { type: 'boolean', default: false } },
  });
  const host = process.env['HOST'] || DEFAULT_HOST;
  const own = localUrl(readHost(host) ?? host, Number(process.env['PORT'] || DEFAULT_PORT));
  const url = values.url ?? own;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('--url must be a URL of http or https.');
  const file = values['key-file'];
  return { url, key: file === undefined ? undefined : readTextFile(file).trim(), json: values.json };
}

async function help(): Promise<string> {
  const { describeEnvironment } = await import('../environment.js');
  return `Asks a running service what is left over or inconsistent (GET /v1/report), and prints it with the requests that
clean it. Nothing is changed. The service finds it beside its other work, which may take minutes.

  --url URL         of the service; by default the one on this machine
  --key-file FILE   holds a key with the scope read, if the service has keys
  --json            prints the answer as it is

${describeEnvironment(['HOST', 'PORT'])}`;
}
