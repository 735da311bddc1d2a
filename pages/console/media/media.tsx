import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { FORMATS, formatOf, size } from '../text.js';
import { ChoiceField, SearchField } from '../ui/fields.js';
import { Pager, Time, Trouble } from '../ui/parts.js';
import type { AliasPage, ContentPage, ListedContent } from './data.js';
import { Picture } from './picture.js';
import { ReleaseOwner } from './release-owner.js';

const ON_A_PAGE = 50;

const AGES = [
  ['', 'any'],
  ['1', 'older than a day'],
  ['7', 'older than a week'],
  ['30', 'older than 30 days'],
  ['365', 'older than a year'],
] as const;

const FORMAT_CHOICES = [
  ['', 'any'],
  ...[...FORMATS, 'unknown'].map((name) => [name, name] as const),
] as const;

/** The contents, newest first; with an owner the aliases of that owner. */
export function MediaView() {
  const owner = useParameter('owner');
  return (
    <>
      <h1 tabIndex={-1}>
        Media
        {owner !== '' && (
          <>
            {' '}
            of <span class="name">{owner}</span>
          </>
        )}
      </h1>
      <search class="tools">
        <SearchField label="Owner" parameter="owner" />
        <ChoiceField label="Age" parameter="age" choices={AGES} />
        {owner === '' && (
          <>
            <ChoiceField label="Format" parameter="format" choices={FORMAT_CHOICES} />
            <ChoiceField label="Aliases" parameter="aliases" choices={ALIAS_CHOICES} />
          </>
        )}
      </search>
      {owner === '' ? <Contents /> : <OfOwner owner={owner} />}
    </>
  );
}

const ALIAS_CHOICES = [
  ['', 'any'],
  ['none', 'without alias'],
] as const;

/** The time that an age means, from the day on: so that the pages of a list have the same end. */
function beforeOf(age: string): string | undefined {
  if (!/^\d{1,4}$/.test(age)) return undefined;
  const today = new Date();
  today.setUTCHours(0, 0, 0, 0);
  return new Date(today.getTime() - (Number(age) - 1) * 86_400_000).toISOString();
}

function Contents() {
  const { place } = useConsole();
  const [age, format, cursor] = [useParameter('age'), useParameter('format'), useParameter('cursor')];
  const isUnaliased = useParameter('aliases') === 'none';
  const query = {
    before: beforeOf(age),
    format,
    without_alias: isUnaliased,
    cursor,
    limit: ON_A_PAGE,
    include: 'aliases,details',
  };
  const looked = usePoll(
    `hashes?${JSON.stringify(query)}`,
    (signal) => read<ContentPage>('/hashes/page', query, signal),
    { once: true },
  );
  const { data } = looked;
  const at = (to: string | undefined) =>
    to && addressOf('media', { ...Object.fromEntries(place.query), cursor: to });
  return (
    <>
      <Trouble of={looked} />
      {data && data.hashes.length === 0 && (
        <p class="empty">
          {data.next
            ? 'None among those that were looked at; Next looks further.'
            : 'No content is like that.'}
        </p>
      )}
      {data && data.hashes.length > 0 && (
        <table class="list cards">
          <caption class="unseen">Contents, newest first</caption>
          <thead>
            <tr>
              <th scope="col">Content</th>
              <th scope="col">Format</th>
              <th scope="col">Measures</th>
              <th scope="col">Size</th>
              <th scope="col">Aliases</th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {data.hashes.map((content) => (
              <Row key={content.hash} content={content} />
            ))}
          </tbody>
        </table>
      )}
      <Pager previous={at(data?.previous)} next={at(data?.next)} />
    </>
  );
}

function Row({ content }: { content: ListedContent }) {
  const { hash, identifier, bytes, created_at: created, aliases, aliases_more: isMore, details } = content;
  const [width, height] = [details?.['width'], details?.['height']];
  return (
    <tr>
      <th scope="row">
        <a class="with-picture" href={addressOf('content', { hash })}>
          <Picture identifier={identifier} size="small" />
          <span class="name">{identifier}</span>
        </a>
      </th>
      <td data-label="Format">{formatOf(hash)}</td>
      <td data-label="Measures">
        {typeof width === 'number' && typeof height === 'number' ? `${width} × ${height}` : '–'}
      </td>
      <td data-label="Size">{size(bytes)}</td>
      <td data-label="Aliases">
        {aliases.length === 0 ? (
          <span class="badge">none</span>
        ) : (
          <span class="name">
            {aliases[0]}
            {aliases.length > 1 && ` and ${aliases.length - 1}${isMore ? '+' : ''} more`}
          </span>
        )}
      </td>
      <td data-label="Created">
        <Time at={created} />
      </td>
    </tr>
  );
}

function OfOwner({ owner }: { owner: string }) {
  const { place, may } = useConsole();
  const [age, cursor] = [useParameter('age'), useParameter('cursor')];
  const [isReleasing, setReleasing] = useState(false);
  const query = { owner, before: beforeOf(age), cursor, limit: ON_A_PAGE };
  const looked = usePoll(
    `aliases?${JSON.stringify(query)}`,
    (signal) => read<AliasPage>('/aliases', query, signal),
    { once: true },
  );
  const { data } = looked;
  const at = (to: string | undefined) =>
    to && addressOf('media', { ...Object.fromEntries(place.query), cursor: to });
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
      <Pager previous={at(data?.previous)} next={at(data?.next)} />
      {isReleasing && (
        <ReleaseOwner owner={owner} onClose={() => setReleasing(false)} onDone={looked.again} />
      )}
    </>
  );
}
