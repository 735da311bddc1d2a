import { JobFailure } from '../../client/src/index.js';

/** The job that pict-rs pushes for a variant that must be made. */
export interface Generate {
  /** The alias of the original. */
  source: string;
  target_format: string;
  /** The name of the variant. */
  process_path: string;
  /** How it is made, in order: `thumbnail=256`. */
  process_args: string[];
}

/** Any value may be pushed. A job that is not of this form fails without a retry. */
export function readGenerate(job: unknown): Generate {
  const generate = isRecord(job) ? job['Generate'] : undefined;
  if (!isRecord(generate)) throw hopeless('The job is no Generate job.');
  const { source, target_format, process_path, process_args = [] } = generate;
  if (typeof source !== 'string') throw hopeless('The job names no source.');
  if (typeof target_format !== 'string') throw hopeless('The job names no target_format.');
  if (typeof process_path !== 'string') throw hopeless('The job names no process_path.');
  if (!isTexts(process_args)) throw hopeless('process_args is no list of texts.');
  return { source, target_format, process_path, process_args };
}

/** The job is dead at once. It can be looked at there, and redriven. */
export function hopeless(message: string, cause?: unknown): JobFailure {
  return new JobFailure(message, { retry: false, cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
