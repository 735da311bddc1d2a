import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { useConsole } from '../console-context.js';
import { counted } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import { Section, Time } from '../ui/parts.js';
import { CleanupQueue, cleanupQueue } from './cleanup-queue.js';
import { releaseAlias, type WholeContent } from './data.js';

interface PartOptions {
  content: WholeContent;
  onChanged: () => void;
}

/** The names of a content, whose they are, and the URLs that they are copies of. */
export function ContentAliases({ content: { aliases, aliases_more: isMore }, onChanged }: PartOptions) {
  const { may } = useConsole();
  const [releasing, setReleasing] = useState<string>();
  return (
    <Section title="Aliases" aside={isMore && <span class="muted">The first {aliases.length}</span>}>
      {aliases.length === 0 ? (
        <p class="empty">No alias: nobody can view this content. The report lists all like it.</p>
      ) : (
        <table class="list cards">
          <caption class="unseen">Aliases of this content</caption>
          <thead>
            <tr>
              <th scope="col">Alias</th>
              <th scope="col">Owner</th>
              <th scope="col">Expires</th>
              <th scope="col">Last access</th>
              <th scope="col">Created</th>
              {may('admin') && (
                <th scope="col">
                  <span class="unseen">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {aliases.map(
              ({ alias, owner, expires_at, expired, created_at, accessed_at, urls, urls_more }) => (
                <tr key={alias}>
                  <th scope="row">
                    <span class="name">{alias}</span>
                    {urls.map((url) => (
                      <span key={url} class="sub name">
                        {url}
                      </span>
                    ))}
                    {urls_more && <span class="sub muted">and other URLs</span>}
                  </th>
                  <td data-label="Owner">
                    {owner === null ? (
                      '–'
                    ) : (
                      <a class="name" href={addressOf('media', { owner })}>
                        {owner}
                      </a>
                    )}
                  </td>
                  <td data-label="Expires">
                    {expires_at === null ? 'never' : <Time at={expires_at} />}{' '}
                    {expired && <span class="badge">expired</span>}
                  </td>
                  <td data-label="Last access">
                    <Time at={accessed_at} />
                  </td>
                  <td data-label="Created">
                    <Time at={created_at} />
                  </td>
                  {may('admin') && (
                    <td class="row-actions">
                      <button
                        type="button"
                        aria-label={`Release ${alias}`}
                        onClick={() => setReleasing(alias)}
                      >
                        Release
                      </button>
                    </td>
                  )}
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
      {releasing !== undefined && (
        <ReleaseDialog
          alias={releasing}
          isLast={aliases.length === 1 && !isMore}
          onClose={() => setReleasing(undefined)}
          onDone={onChanged}
        />
      )}
    </Section>
  );
}

interface ReleaseOptions {
  alias: string;
  isLast: boolean;
  onClose: () => void;
  onDone: () => void;
}

function ReleaseDialog({ alias, isLast, onClose, onDone }: ReleaseOptions) {
  const { say } = useConsole();
  const [queue, setQueue] = useState(cleanupQueue);
  return (
    <Confirm
      title={
        <>
          Release <span class="name">{alias}</span>
        </>
      }
      action="Release"
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        const { removed } = await releaseAlias(alias, queue);
        const files = removed.identifiers;
        const rest =
          files.length === 0
            ? ''
            : ` ${counted(files.length, 'file')} to delete: ${files.slice(0, 3).join(', ')}${files.length > 3 ? ' …' : ''}`;
        say(`${alias} is released.${rest}`);
        onDone();
      }}
    >
      <p>
        {isLast
          ? 'It is the last alias: the content goes with it, with its variants and details.'
          : 'The alias goes with its URLs. The content stays, because it has other aliases.'}
      </p>
      {isLast && <CleanupQueue queue={queue} onChange={setQueue} />}
    </Confirm>
  );
}
