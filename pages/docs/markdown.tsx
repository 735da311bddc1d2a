import type { ComponentChildren } from 'preact';
import { useDocs } from './docs-context.js';

/**
 * The Markdown that descriptions use: paragraphs, lists, blocks and spans of code, bold, links. Everything else
 * stays as it is written, backslashes too. It becomes elements, never markup.
 */
export function Markdown({ text }: { text: string }) {
  return <>{blocksOf(text).map(blockElement)}</>;
}

interface Block {
  kind: 'paragraph' | 'list' | 'code';
  /** Paragraphs and code have one. */
  texts: string[];
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let block: Block | undefined;
  const begin = (kind: Block['kind'], first: string[]): Block => {
    const begun = { kind, texts: first };
    blocks.push(begun);
    return begun;
  };
  for (const line of text.split('\n')) {
    if (block?.kind === 'code') {
      if (line.trim() === '```') block = undefined;
      else block.texts.push(line);
      continue;
    }
    const item = /^\s*[*-] (.*)$/.exec(line)?.[1];
    if (line.startsWith('```')) block = begin('code', []);
    else if (line.trim() === '') block = undefined;
    else if (item !== undefined && block?.kind === 'list') block.texts.push(item);
    else if (item !== undefined) block = begin('list', [item]);
    else if (block) block.texts.push(`${block.texts.pop() ?? ''} ${line.trim()}`);
    else block = begin('paragraph', [line.trim()]);
  }
  return blocks;
}

function blockElement({ kind, texts }: Block, at: number) {
  if (kind === 'code') return <pre key={at}>{texts.join('\n')}</pre>;
  if (kind === 'paragraph')
    return (
      <p key={at}>
        {texts.map((text) => (
          <Inline key={text} text={text} />
        ))}
      </p>
    );
  return (
    <ul key={at}>
      {texts.map((text) => (
        <li key={text}>
          <Inline text={text} />
        </li>
      ))}
    </ul>
  );
}

/** Code, bold or a link. */
const SPAN = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g;

/** One line of Markdown. The id of another operation leads to it. */
export function Inline({ text }: { text: string }) {
  const { addresses } = useDocs();
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(SPAN)) {
    const [whole, code, bold, label, href] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (code !== undefined) {
      const address = addresses.get(code);
      parts.push(
        address ? (
          <a href={address}>
            <code>{code}</code>
          </a>
        ) : (
          <code>{code}</code>
        ),
      );
    } else if (bold !== undefined) parts.push(<b>{bold}</b>);
    else if (href !== undefined) parts.push(<a href={href}>{label}</a>);
  }
  parts.push(text.slice(end));
  return <>{parts}</>;
}
