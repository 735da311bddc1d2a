import { Answers } from './answers.js';
import { useDocs } from './docs-context.js';
import { type Operation, scopeOf } from './document.js';
import { Inline, Markdown } from './markdown.js';
import { Limits, SchemaTree, typeText } from './schema-tree.js';
import { TryIt } from './try-it.js';

interface OperationOptions {
  operation: Operation;
  isOpen: boolean;
  onToggle: () => void;
}

/** An operation, of which the first line is shown until it is opened. */
export function OperationArticle({ operation, isOpen, onToggle }: OperationOptions) {
  const { address, method, path, operationId, summary } = operation;
  const id = address.slice(1);
  return (
    <article id={id} class={isOpen ? 'operation open' : 'operation'}>
      <h3>
        <a
          href={address}
          aria-expanded={isOpen}
          onClick={(event) => {
            // With a modifier it opens another tab.
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onToggle();
          }}
        >
          <span class={`method ${method.toLowerCase()}`}>{method}</span> <code class="path">{path}</code>{' '}
          <span class="summary">{summary}</span> <code class="operation-id">{operationId}</code>
        </a>
      </h3>
      {isOpen && <OperationBody operation={operation} />}
    </article>
  );
}

function OperationBody({ operation }: { operation: Operation }) {
  const { parameters = [], requestBody } = operation;
  const scope = scopeOf(operation);
  return (
    <div class="operation-body">
      <div class="about-operation">
        <p>
          <span class="badge plain">{scope === undefined ? 'no key' : `scope ${scope}`}</span>
        </p>
        {/* The badge says the scope. */}
        <Markdown text={(operation.description ?? '').replace(/\n\nScope: `\w+`\.$/, '')} />
        {parameters.length > 0 && (
          <>
            <h4>Parameters</h4>
            <Parameters of={parameters} />
          </>
        )}
        {Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => (
          <section key={type}>
            <h4>
              Body{' '}
              <span class="muted">
                {type}
                {requestBody?.required ? '' : ', optional'}
              </span>
            </h4>
            {schema && <SchemaTree schema={schema} />}
          </section>
        ))}
        <h4>Answers</h4>
        <Answers of={operation} />
      </div>
      <div class="try">
        <h4>Try it</h4>
        <TryIt operation={operation} />
      </div>
    </div>
  );
}

function Parameters({ of }: { of: NonNullable<Operation['parameters']> }) {
  const { document } = useDocs();
  return (
    <ul class="members">
      {of.map(({ name, in: place, required, description, schema }) => (
        <li key={name}>
          <p class="member">
            <code class="member-name">{name}</code> <span class="type">{typeText(document, schema)}</span>{' '}
            <span class="muted">
              {place}
              {required ? '' : ', optional'}
            </span>
          </p>
          {description !== undefined && (
            <p class="about">
              <Inline text={description} />
            </p>
          )}
          <Limits schema={schema} />
        </li>
      ))}
    </ul>
  );
}
