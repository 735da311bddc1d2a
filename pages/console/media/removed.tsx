import { counted } from '../text.js';
import type { Removed } from './data.js';

const SHOWN = 20;

/** What a removal took, or would take: how much, and the first names. */
export function RemovedText({ before, removed }: { before: string; removed: Removed }) {
  const { aliases, hashes = [], variants = [], identifiers } = removed;
  const parts = [
    counted(aliases.length, 'alias', 'aliases'),
    counted(hashes.length, 'content'),
    counted(variants.length, 'variant'),
    counted(identifiers.length, 'file'),
  ];
  const names = [...aliases, ...identifiers];
  return (
    <>
      <p>
        {before} {parts.join(', ')}.
      </p>
      {names.length > 0 && (
        <details>
          <summary>Names</summary>
          <ul class="names">
            {names.slice(0, SHOWN).map((name) => (
              <li key={name} class="name">
                {name}
              </li>
            ))}
            {names.length > SHOWN && <li class="muted">and {counted(names.length - SHOWN, 'other')}</li>}
          </ul>
        </details>
      )}
    </>
  );
}
