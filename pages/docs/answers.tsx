import { Lines } from '../console/ui/parts.js';
import type { Answer, Media, Operation } from './document.js';
import { printed } from './indent.js';
import { Inline, Markdown } from './markdown.js';
import { SchemaTree } from './schema-tree.js';

const PROBLEM = 'application/problem+json';

/** What an operation can answer. Problems that every operation can have are told once, on top of the page. */
export function Answers({ of: { responses } }: { of: Operation }) {
  const answers = Object.entries(responses).flatMap(([status, answer]) =>
    '$ref' in answer ? [] : [{ status, answer }],
  );
  return (
    <ul class="answers">
      {answers.map(({ status, answer }) => (
        <li key={status}>
          <b class={/^[23]/.test(status) ? 'status-code good' : 'status-code'}>{status}</b>
          <div>
            {answer.content?.[PROBLEM] ? <Problems text={answer.description} /> : <Success answer={answer} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Success({ answer: { description, content = {}, headers = {} } }: { answer: Answer }) {
  const names = Object.keys(headers).filter((name) => name !== 'x-request-id');
  return (
    <>
      <Markdown text={description} />
      {names.length > 0 && <p class="muted">With the header {names.join(', ')}.</p>}
      {Object.entries(content).map(([type, media]) => (
        <div key={type}>
          <p class="muted">{type}</p>
          {examplesOf(media).map(([name, value]) => (
            <details key={name}>
              <summary>{name}</summary>
              <Lines text={printed(value)} />
            </details>
          ))}
          {media.schema && (
            <details>
              <summary>Schema</summary>
              <SchemaTree schema={media.schema} />
            </details>
          )}
        </div>
      ))}
    </>
  );
}

/** The examples of a body with their titles. */
export function examplesOf({ example, examples = {} }: Media): [title: string, value: unknown][] {
  const several = Object.entries(examples).map(([name, one]): [string, unknown] => [
    `Example: ${one.summary ?? name}`,
    one.value,
  ]);
  return example === undefined ? several : [['Example', example], ...several];
}

/** Problems are described as `code`: title, one after the other; then come the codes that are the same everywhere. */
function Problems({ text }: { text: string }) {
  const [own = '', everywhere] = text.split(/(?:^| )As everywhere: /);
  const problems = own.split(/ (?=`[a-z_]+`: )/).map((one) => /^`([a-z_]+)`: (.*)$/.exec(one));
  if (own !== '' && problems.includes(null)) return <Markdown text={text} />;
  return (
    <>
      <ul class="problems">
        {problems.map((problem) =>
          problem ? (
            <li key={problem[1]}>
              <code>{problem[1]}</code> <Inline text={problem[2] ?? ''} />
            </li>
          ) : null,
        )}
      </ul>
      {everywhere !== undefined && (
        <p class="muted">
          As everywhere: <Inline text={everywhere} />
        </p>
      )}
    </>
  );
}
