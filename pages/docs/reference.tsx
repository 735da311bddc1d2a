import { useEffect, useMemo, useState } from 'preact/hooks';
import { ROOT } from '../console/address.js';
import { filterHere, goTo, note, openHere, operationHere } from './address.js';
import { DocsContext } from './docs-context.js';
import { type ApiDocument, type Group, groupsOf, matches } from './document.js';
import { Markdown } from './markdown.js';
import { OperationArticle } from './operation.js';
import { SchemaTree } from './schema-tree.js';

interface ReferenceOptions {
  document: ApiDocument;
  askForKey: () => void;
}

/** All operations by group, with a filter. */
export function Reference({ document: api, askForKey }: ReferenceOptions) {
  const groups = useMemo(() => groupsOf(api), [api]);
  const [filter, setFilter] = useState(filterHere);
  const [open, setOpen] = useState<string[]>([]);
  const shown = useMemo(() => filtered(groups, filter), [groups, filter]);
  const count = shown.reduce((sum, { operations }) => sum + operations.length, 0);
  const docs = useMemo(() => {
    const operations = groups.flatMap((group) => group.operations);
    const addresses = new Map(operations.map(({ operationId, address }) => [operationId, address]));
    return { document: api, addresses, askForKey };
  }, [api, groups]);

  useEffect(() => {
    /** Opens what the address means, and what was open here before. */
    function arrive(): void {
      const meant = operationHere(groups);
      setOpen((before) => {
        const now = openHere() ?? [...new Set([...before, ...(meant ? [meant.address] : [])])];
        note(now, filterHere());
        return now;
      });
      if (meant && !matches(meant, filterHere())) changeFilter('');
    }
    arrive();
    // The browser has looked for the place before there was anything.
    requestAnimationFrame(() => document.getElementById(location.hash.slice(1))?.scrollIntoView());
    addEventListener('popstate', arrive);
    return () => removeEventListener('popstate', arrive);
  }, [groups]);

  function changeFilter(text: string): void {
    setFilter(text);
    note(openHere() ?? [], text);
  }

  function toggle(address: string): void {
    const isOpen = open.includes(address);
    const now = isOpen ? open.filter((one) => one !== address) : [...open, address];
    setOpen(now);
    if (isOpen) note(now, filter);
    else goTo(address, now);
  }

  return (
    <DocsContext.Provider value={docs}>
      <div class="reference">
        <div class="side">
          <search>
            <input
              type="search"
              aria-label="Filter the operations"
              placeholder="Filter: name, path, words"
              value={filter}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => changeFilter(event.currentTarget.value.trim())}
            />
          </search>
          <p role="status" class="muted">
            {count === 1 ? '1 operation' : `${count} operations`}
          </p>
          <nav aria-label="Groups">
            {shown.map(({ name, operations }) => (
              <a key={name} href={`#/${name}`}>
                {name} <span class="muted">{operations.length}</span>
              </a>
            ))}
          </nav>
        </div>
        <main id="operations" tabIndex={-1}>
          <h1>API</h1>
          {filter === '' && <Introduction document={api} />}
          {count === 0 && <p class="empty">No operation is like that.</p>}
          {shown.map(({ name, description, operations }) => (
            <section key={name} class="group" aria-labelledby={`/${name}`}>
              <h2 id={`/${name}`}>{name}</h2>
              <p class="lead">{description}</p>
              {operations.map((operation) => (
                <OperationArticle
                  key={operation.address}
                  operation={operation}
                  isOpen={open.includes(operation.address)}
                  onToggle={() => toggle(operation.address)}
                />
              ))}
            </section>
          ))}
        </main>
      </div>
    </DocsContext.Provider>
  );
}

function filtered(groups: Group[], filter: string): Group[] {
  return groups
    .map((group) => ({ ...group, operations: group.operations.filter((one) => matches(one, filter)) }))
    .filter(({ operations }) => operations.length > 0);
}

/** What holds for every operation. */
function Introduction({ document: { info, components } }: { document: ApiDocument }) {
  const problem = components.responses['Problem'];
  const schema = Object.values(problem?.content ?? {})[0]?.schema;
  return (
    <div class="introduction">
      <p class="muted">
        Version {info.version} · the OpenAPI document as <a href={`${ROOT}docs/json`}>JSON</a> or{' '}
        <a href={`${ROOT}docs/yaml`}>YAML</a>
      </p>
      <Markdown text={info.description} />
      {problem && schema && (
        <details>
          <summary>Problems that every operation can have</summary>
          <Markdown text={problem.description} />
          <SchemaTree schema={schema} />
        </details>
      )}
    </div>
  );
}
