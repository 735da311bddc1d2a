import type { ComponentChildren } from 'preact';
import type { Looked } from '../poll.js';
import { fromNow, said } from '../text.js';

/** A time, as how long ago it was; its title has the whole. */
export function Time({ at }: { at: string | null | undefined }) {
  if (!at) return <span class="muted">–</span>;
  return (
    <time
      dateTime={at}
      title={new Date(at).toLocaleString(undefined, { timeStyle: 'long', dateStyle: 'medium' })}
    >
      {fromNow(at)}
    </time>
  );
}

/** Why nothing, or nothing new, can be shown. */
export function Trouble({ of: { error, data, again } }: { of: Looked<unknown> }) {
  if (error === undefined) return null;
  return (
    <div class="notice" role="alert">
      <p>
        {said(error)}
        {data !== undefined && ' What you see was read before.'}
      </p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** Names and values side by side. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({
  name,
  isWide = false,
  children,
}: {
  name: string;
  isWide?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={isWide ? 'wide' : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The large figures on top of a view. */
export function Totals({
  of,
}: {
  of: { name: string; value: ComponentChildren; kind?: string | undefined; href?: string }[];
}) {
  return (
    <dl class="totals">
      {of.map(({ name, value, kind, href }) => (
        <div key={name}>
          <dt>{href ? <a href={href}>{name}</a> : name}</dt>
          <dd class={kind}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Links to the pages beside this one. */
export function Pager({
  first,
  previous,
  next,
  children,
}: {
  /** Where nobody knows the page before. */
  first?: string | undefined;
  previous?: string | undefined;
  next?: string | undefined;
  children?: ComponentChildren;
}) {
  if (!first && !previous && !next && !children) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {first && <a href={first}>← First page</a>}
      {previous && <a href={previous}>← Previous</a>}
      <span>{children}</span>
      {next && <a href={next}>Next →</a>}
    </nav>
  );
}

/** Part of a view, below a title of its own. */
export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="panel">
      <div class="section-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** A text of several lines, which can be scrolled with the keyboard. */
export function Lines({ text, isError = false }: { text: string; isError?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: or it could not be scrolled with the keyboard
    <pre tabIndex={0} class={isError ? 'error' : undefined}>
      {text}
    </pre>
  );
}

/** A text that is often copied. */
export function Code({ text }: { text: string }) {
  return <code class="name">{text}</code>;
}
