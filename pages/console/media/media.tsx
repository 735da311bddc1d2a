import { addressOf } from '../address.js';
import { useParameter } from '../console-context.js';
import { FORMATS, formatOf, size } from '../text.js';
import { ChoiceField, SearchField } from '../ui/fields.js';
import { Pager, Time, Trouble } from '../ui/parts.js';
import { AGES, beforeOf } from './ages.js';
import { type ContentPage, type ListedContent, ON_A_PAGE } from './data.js';
import { useListPage } from './list-page.js';
import { OwnerAliases } from './owner-aliases.js';
import { Picture } from './picture.js';

const FORMAT_CHOICES = [
  ['', 'any'],
  ...[...FORMATS, 'unknown'].map((name) => [name, name] as const),
] as const;

const ALIAS_CHOICES = [
  ['', 'any'],
  ['none', 'without alias'],
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
      {owner === '' ? <Contents /> : <OwnerAliases owner={owner} />}
    </>
  );
}

function Contents() {
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
  const { looked, previous, next } = useListPage<ContentPage>('/hashes/page', query);
  const { data } = looked;
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
      <Pager previous={previous} next={next} />
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
