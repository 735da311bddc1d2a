import { useState } from 'preact/hooks';
import { useDocs } from './docs-context.js';
import { type ApiDocument, resolved, type Schema } from './document.js';
import { Inline } from './markdown.js';

/** The members of an object, of the objects of an array, or of alternatives. Members of members unfold. */
export function SchemaTree({ schema }: { schema: Schema }) {
  const { document } = useDocs();
  const members = membersOf(document, schema);
  if (members.length === 0) return <Member member={{ name: '', schema, isRequired: true }} />;
  return <Members of={members} />;
}

function Members({ of }: { of: MemberSchema[] }) {
  return (
    <ul class="members">
      {of.map((member) => (
        <li key={member.name}>
          <Member member={member} />
        </li>
      ))}
    </ul>
  );
}

function Member({ member: { name, schema, isRequired } }: { member: MemberSchema }) {
  const { document } = useDocs();
  const [isOpen, setOpen] = useState(false);
  const members = membersOf(document, schema);
  const text =
    schema.description ?? resolved(document, schema).description ?? bare(document, schema).description;
  return (
    <>
      <p class="member">
        {name !== '' && <code class="member-name">{name}</code>}{' '}
        <span class="type">{typeText(document, schema)}</span>{' '}
        {!isRequired && <span class="muted">optional</span>}
      </p>
      {text !== undefined && (
        <p class="about">
          <Inline text={text} />
        </p>
      )}
      <Limits schema={schema} />
      {members.length > 0 && (
        // Unfolded members alone are made: a schema may hold itself.
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            {members.length === 1 ? '1 member' : `${members.length} members`}
            <span class="unseen"> of {name === '' ? 'this' : name}</span>
          </summary>
          {isOpen && <Members of={members} />}
        </details>
      )}
    </>
  );
}

/** What a value must be beside its type. */
export function Limits({ schema }: { schema: Schema }) {
  const { document } = useDocs();
  const texts = limitsOf(bare(document, schema));
  if (texts.length === 0) return null;
  return <p class="limits">{texts.join(' · ')}</p>;
}

interface MemberSchema {
  name: string;
  schema: Schema;
  isRequired: boolean;
}

function membersOf(document: ApiDocument, schema: Schema): MemberSchema[] {
  const own = bare(document, schema);
  if (own.items) return membersOf(document, own.items);
  const alternatives = alternativesOf(document, own).filter((one) => membersOf(document, one).length > 0);
  if (alternatives.length > 0) {
    return alternatives.map((one, at) => ({ name: `alternative ${at + 1}`, schema: one, isRequired: true }));
  }
  const members = Object.entries(own.properties ?? {}).map(([name, member]) => ({
    name,
    schema: member,
    isRequired: own.required?.includes(name) ?? false,
  }));
  const others = own.additionalProperties;
  if (typeof others === 'object' && Object.keys(others).length > 0) {
    members.push({ name: 'any other name', schema: others, isRequired: false });
  }
  return [...(own.allOf ?? []).flatMap((part) => membersOf(document, part)), ...members];
}

/** The only alternative to null, or the schema itself. */
function bare(document: ApiDocument, schema: Schema): Schema {
  const own = resolved(document, schema);
  const [only, ...more] = alternativesOf(document, own);
  return only && more.length === 0 ? bare(document, only) : own;
}

function alternativesOf(document: ApiDocument, { anyOf, oneOf }: Schema): Schema[] {
  return (anyOf ?? oneOf ?? []).filter((one) => resolved(document, one).type !== 'null');
}

export function typeText(document: ApiDocument, schema: Schema): string {
  const own = resolved(document, schema);
  const alternatives = own.anyOf ?? own.oneOf;
  if (alternatives) {
    return [...new Set(alternatives.map((one) => typeText(document, one)))].join(' or ');
  }
  if (own.items) return `array of ${typeText(document, own.items)}`;
  if (own.type !== undefined) return [own.type].flat().join(' or ');
  return own.properties || own.allOf ? 'object' : 'any JSON';
}

function limitsOf(schema: Schema): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  return [
    schema.const !== undefined && `always ${JSON.stringify(schema.const)}`,
    schema.enum && `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`,
    rangeText(minimum, maximum, ''),
    rangeText(minLength, maxLength, ' characters'),
    rangeText(minItems, maxItems, ' items'),
    schema.format !== undefined && `format ${schema.format}`,
    schema.pattern !== undefined && `pattern ${schema.pattern}`,
    schema.default !== undefined && `by default ${JSON.stringify(schema.default)}`,
  ].filter((text) => typeof text === 'string');
}

function rangeText(least: number | undefined, most: number | undefined, unit: string): string | undefined {
  if (least !== undefined && most !== undefined) return `${figure(least)} to ${figure(most)}${unit}`;
  if (least !== undefined) return `at least ${figure(least)}${unit}`;
  return most === undefined ? undefined : `at most ${figure(most)}${unit}`;
}

function figure(number: number): string {
  return number.toLocaleString('en');
}
