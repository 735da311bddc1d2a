import { variables } from './config-variables.js';

/** The unit of a number, by the end of the variable's name. */
const UNITS: [end: string, unit: string][] = [
  ['_PER_SECOND', ''],
  ['_SECONDS', ' of seconds'],
  ['_MINUTES', ' of minutes'],
  ['_DAYS', ' of days'],
  ['_MIB', ' of MiB'],
];
const SHOWN_CHARACTERS = 100;

/** The fault of a variable, for the operator: its allowed values, and its value, unless that may be a secret. */
export function faultOf(name: string, text: string): string {
  const schema: object = Object.entries(variables).find(([known]) => known === name)?.[1] ?? {};
  const isSecret = 'x-secret' in schema;
  const shown = isSecret ? '' : `; it is ${JSON.stringify(text.slice(0, SHOWN_CHARACTERS))}`;
  return `${name} must be ${kindOf(name, schema)}${shown}`;
}

function kindOf(name: string, schema: object): string {
  if ('minimum' in schema && 'maximum' in schema) {
    const [, unit = ''] = UNITS.find(([end]) => name.endsWith(end)) ?? [];
    return `a whole number${unit} from ${schema.minimum} to ${schema.maximum}, in digits alone`;
  }
  if ('enum' in schema && Array.isArray(schema.enum)) return `one of ${schema.enum.join(', ')}`;
  if ('type' in schema && schema.type === 'boolean') return 'true or false';
  return 'x-kind' in schema ? String(schema['x-kind']) : 'a text';
}
