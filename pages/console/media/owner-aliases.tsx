import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { useConsole, useParameter } from '../console-context.js';
import { formatOf } from '../text.js';
import { Pager, Time, Trouble } from '../ui/parts.js';
import { beforeOf } from './ages.js';
import { type AliasPage, ON_A_PAGE } from './data.js';
import { useListPage } from './list-page.js';
import { Picture } from './picture.js';
import { ReleaseOwner } from './release-owner.js';

/** The aliases of an owner, newest first. */
export function OwnerAliases({ owner }: { owner: string }) {
  const { may } = useConsole();
  const [age, cursor] = [useParameter('age'), useParameter('cursor')];
  const [isReleasing, setReleasing] = useState(false);
  const query = { owner, before: beforeOf(age), cursor, limit: ON_A_PAGE };
  const { looked, previous, next } = useListPage<AliasPage>('/aliases', query);
  const { data } = looked;
  return (
    <>
      <Trouble of={looked} />
      {data && data.aliases.length === 0 && (
        <p class="empty">This owner has no alias{age === '' ? '' : ' of this age'}.</p>
      )}
      {data && data.aliases.length > 0 && (
        <>
          {may('admin') && (
            <div class="bulk">
              <button type="button" onClick={() => setReleasing(true)}>
                Release everything of this owner…
              </button>
            </div>
          )}
          <table class="list cards">
            <caption class="unseen">Aliases of {owner}, newest first</caption>
            <thead>
              <tr>
                <th scope="col">Alias</th>
                <th scope="col">File</th>
                <th scope="col">Format</th>
                <th scope="col">Expires</th>
                <th scope="col">Created</th>
              </tr>
            </thead>
            <tbody>
              {data.aliases.map(({ alias, hash, identifier = '', expires_at, expired, created_at }) => (
                <tr key={alias}>
                  <th scope="row">
                    <a class="with-picture" href={addressOf('content', { hash })}>
                      <Picture identifier={identifier} size="small" />
                      <span class="name">{alias}</span>
                    </a>
                  </th>
                  <td data-label="File">
                    <span class="name">{identifier}</span>
                  </td>
                  <td data-label="Format">{formatOf(hash)}</td>
                  <td data-label="Expires">
                    {expires_at === null ? 'never' : <Time at={expires_at} />}{' '}
                    {expired && <span class="badge">expired</span>}
                  </td>
                  <td data-label="Created">
                    <Time at={created_at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <Pager previous={previous} next={next} />
      {isReleasing && (
        <ReleaseOwner owner={owner} onClose={() => setReleasing(false)} onDone={looked.again} />
      )}
    </>
  );
}
