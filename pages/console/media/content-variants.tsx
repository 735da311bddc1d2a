import { useState } from 'preact/hooks';
import { useConsole } from '../console-context.js';
import { size } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import { Section, Time } from '../ui/parts.js';
import { removeVariant, type WholeContent } from './data.js';
import { Picture } from './picture.js';

interface PartOptions {
  content: WholeContent;
  onChanged: () => void;
}

/** The processed files of a content. */
export function ContentVariants({ content, onChanged }: PartOptions) {
  const { hash, variants, variants_more: isMore } = content;
  const { may, say } = useConsole();
  const [removing, setRemoving] = useState<string>();
  return (
    <Section title="Variants" aside={isMore && <span class="muted">The first {variants.length}</span>}>
      {variants.length === 0 ? (
        <p class="empty">No variant has been made.</p>
      ) : (
        <table class="list cards">
          <caption class="unseen">Variants of this content</caption>
          <thead>
            <tr>
              <th scope="col">Variant</th>
              <th scope="col">File</th>
              <th scope="col">Size</th>
              <th scope="col">Last access</th>
              {may('write') && (
                <th scope="col">
                  <span class="unseen">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {variants.map(({ variant, identifier, bytes, accessed_at }) => (
              <tr key={variant}>
                <th scope="row">
                  <span class="with-picture">
                    <Picture identifier={identifier} size="small" />
                    <span class="name">{variant}</span>
                  </span>
                </th>
                <td data-label="File">
                  <span class="name">{identifier}</span>
                </td>
                <td data-label="Size">{size(bytes)}</td>
                <td data-label="Last access">
                  <Time at={accessed_at} />
                </td>
                {may('write') && (
                  <td class="row-actions">
                    <button
                      type="button"
                      aria-label={`Remove ${variant}`}
                      onClick={() => setRemoving(variant)}
                    >
                      Remove
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {removing !== undefined && (
        <Confirm
          title={
            <>
              Remove <span class="name">{removing}</span>
            </>
          }
          action="Remove"
          isDangerous
          onClose={() => setRemoving(undefined)}
          onConfirm={async () => {
            const { removed } = await removeVariant(hash, removing);
            say(`${removing} is removed. The file to delete: ${removed.identifiers.join(', ') || 'none'}`);
            onChanged();
          }}
        >
          <p>The variant goes with its details. It is made again when somebody asks for it.</p>
        </Confirm>
      )}
    </Section>
  );
}
