import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useConsole, useParameter } from '../console-context.js';

/** A label beside its field. */
function Filter({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the field is among the children
    <label class="filter">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** Waits for a pause in the typing. */
const PAUSE_MS = 250;

/** A field whose text is a parameter of the address; with it the page begins anew. */
export function SearchField({ label, parameter }: { label: string; parameter: string }) {
  const { filter } = useConsole();
  const current = useParameter(parameter);
  const [text, setText] = useState(current);
  // Back and forward change the address under the field.
  useEffect(() => setText(current), [current]);
  useEffect(() => {
    if (text === current) return;
    const timer = setTimeout(
      () => filter({ [parameter]: text, after: undefined, cursor: undefined }),
      PAUSE_MS,
    );
    return () => clearTimeout(timer);
  }, [text, current, parameter, filter]);
  return (
    <Filter label={label}>
      <input
        type="search"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        autocomplete="off"
        spellcheck={false}
      />
    </Filter>
  );
}

/** A choice whose value is a parameter of the address. */
export function ChoiceField({
  label,
  parameter,
  choices,
}: {
  label: string;
  parameter: string;
  choices: readonly (readonly [value: string, label: string])[];
}) {
  const { filter } = useConsole();
  const current = useParameter(parameter);
  return (
    <Filter label={label}>
      <select
        value={current}
        onChange={(event) =>
          filter({ [parameter]: event.currentTarget.value, after: undefined, cursor: undefined })
        }
      >
        {choices.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Filter>
  );
}
