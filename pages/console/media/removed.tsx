import { counted } from '../text.js';
import type { Removed } from './data.js';

const SHOWN = 10;

/** What a removal took, or would take: how much, and the first names of each kind. */
export function RemovedText({ before, removed }: { before: string; removed: Removed }) {
  const { aliases, hashes = [], variants = [], identifiers } = removed;
  const parts = [
    counted(aliases.length, 'alias', 'aliases'),
    counted(hashes.length, 'content'),
    counted(variants.length, 'variant'),
    counted(identifiers.length, 'file'),
  ];
  const kinds: [title: string, names: string[]][] = [
    ['Aliases', aliases],
    ['Contents', hashes],
    ['Files', identifiers],
  ];
  const named = kinds.filter(([, names]) => names.length > 0);
  return (
    <>
      <p>
        {before} {parts.join(', ')}.
      </p>
      {named.length > 0 && (
        <details>
          <summary>Names</summary>
          {named.map(([title, names]) => (
            <div key={title}>
              <h3>{title}</h3>
              <ul class="names">
                {names.slice(0, SHOWN).map((name) => (
                  <li key={name} class="name">
                    {name}
                  </li>
                ))}
                {names.length > SHOWN && <li class="muted">and {counted(names.length - SHOWN, 'other')}</li>}
              </ul>
            </div>
          ))}
        </details>
      )}
    </>
  );
}
