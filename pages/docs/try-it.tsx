import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Lines } from '../console/ui/parts.js';
import { examplesOf } from './answers.js';
import { useDocs } from './docs-context.js';
import { type Operation, type Parameter, scopeOf } from './document.js';
import { exchange, type Shown } from './exchange.js';
import { printed } from './indent.js';
import { curlOf, requestOf, type Typed } from './request.js';

/** A form that sends a request, the same request for a shell, and the answer. */
export function TryIt({ operation }: { operation: Operation }) {
  const [typed, setTyped] = useState(() => exampleOf(operation));
  const [shown, setShown] = useState<Shown>();
  const [fault, setFault] = useState('');
  const [sending, setSending] = useState<AbortController>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const request = requestOf(operation, typed);

  async function send(): Promise<void> {
    const controller = new AbortController();
    running.current = controller;
    setSending(controller);
    setFault('');
    setShown(undefined);
    try {
      setShown(await exchange(request, controller.signal, setShown));
    } catch (error) {
      setFault(controller.signal.aborted ? 'Stopped.' : `No answer: ${error}`);
    }
    setSending(undefined);
  }

  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {(operation.parameters ?? []).map((parameter) => (
          <Field
            key={parameter.name}
            parameter={parameter}
            value={typed.parameters[parameter.name] ?? ''}
            onValue={(value) =>
              setTyped((before) => ({
                ...before,
                parameters: { ...before.parameters, [parameter.name]: value },
              }))
            }
          />
        ))}
        <Body operation={operation} typed={typed} onTyped={setTyped} />
        <div class="buttons">
          {sending ? (
            <button type="button" onClick={() => sending.abort()}>
              Stop
            </button>
          ) : (
            <button type="submit" class="primary">
              Send
            </button>
          )}
        </div>
      </form>
      <p class="message" role="alert">
        {fault}
      </p>
      {shown && <ShownAnswer of={shown} />}
      <h5>The same with curl</h5>
      <Lines text={curlOf(request, scopeOf(operation) !== undefined)} />
    </>
  );
}

/** Optional parameters are empty at first: a query with all of them would often find nothing. */
function exampleOf(operation: Operation): Typed {
  const parameters = (operation.parameters ?? []).map(({ name, required, example }) => [
    name,
    required === true && example !== undefined ? String(example) : '',
  ]);
  const [media] = Object.values(operation.requestBody?.content ?? {});
  const [first] = media ? examplesOf(media) : [];
  return { parameters: Object.fromEntries(parameters), body: first ? printed(first[1]) : '' };
}

interface FieldOptions {
  parameter: Parameter;
  value: string;
  onValue: (value: string) => void;
}

function Field({ parameter: { name, required = false, example, schema }, value, onValue }: FieldOptions) {
  const id = useId();
  const choices = schema.type === 'boolean' ? ['true', 'false'] : schema.enum?.map(String);
  return (
    <>
      <label class="field" for={id}>
        <span>
          <code>{name}</code> {!required && <span class="muted">optional</span>}
        </span>
      </label>
      {choices ? (
        <select
          id={id}
          value={value}
          required={required}
          onChange={(event) => onValue(event.currentTarget.value)}
        >
          <option value="" />
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          value={value}
          required={required}
          placeholder={example === undefined ? '' : String(example)}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </>
  );
}

interface BodyOptions {
  operation: Operation;
  typed: Typed;
  onTyped: (typed: Typed) => void;
}

/** The body as text; bytes may also come from a file. */
function Body({ operation, typed, onTyped }: BodyOptions) {
  const id = useId();
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  if (type === undefined) return null;
  return (
    <>
      <label class="field" for={id}>
        <span>
          Body <span class="muted">{type}</span>
        </span>
      </label>
      <textarea
        id={id}
        value={typed.body}
        disabled={typed.file !== undefined}
        spellcheck={false}
        rows={Math.min(16, typed.body.split('\n').length + 1)}
        onInput={(event) => onTyped({ ...typed, body: event.currentTarget.value })}
      />
      {type === 'application/octet-stream' && (
        <label class="field">
          Or a file
          <input
            type="file"
            onChange={(event) => onTyped({ ...typed, file: event.currentTarget.files?.[0] })}
          />
        </label>
      )}
    </>
  );
}

const ENDS = {
  whole: '',
  stopped: ' · stopped',
  cut: ' · only the beginning is shown',
  lost: ' · the connection was lost',
};

function ShownAnswer({ of: { status, isGood, headers, body, bytes, milliseconds, end } }: { of: Shown }) {
  const { askForKey } = useDocs();
  return (
    <section class="shown" aria-label="Answer">
      <p role="status">
        <b class={isGood ? 'status-code good' : 'status-code'}>{status}</b>{' '}
        <span class="muted">
          {Math.round(milliseconds)} ms · {bytes.toLocaleString('en')} bytes
          {end === undefined ? ' · more may come' : ENDS[end]}
        </span>
      </p>
      {/^40[13] /.test(`${status} `) && (
        <p>
          <button type="button" onClick={askForKey}>
            Use another key
          </button>
        </p>
      )}
      {body !== '' && <Lines text={body} />}
      <details>
        <summary>Headers</summary>
        <Lines text={headers} />
      </details>
    </section>
  );
}
