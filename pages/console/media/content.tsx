import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { Refusal, read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { jsonText } from '../json.js';
import { usePoll } from '../poll.js';
import { formatOf, size } from '../text.js';
import { Code, Fact, Facts, Lines, Section, Time, Trouble } from '../ui/parts.js';
import { BlockDialog } from './block.js';
import { ContentAliases } from './content-aliases.js';
import { ContentJobs } from './content-jobs.js';
import { ContentVariants } from './content-variants.js';
import { ofHash, type WholeContent } from './data.js';
import { Picture } from './picture.js';

/** One content, with all that hangs on it. */
export function ContentView() {
  const hash = useParameter('hash').toLowerCase();
  const { may, say } = useConsole();
  const [isBlocking, setBlocking] = useState(false);
  const looked = usePoll(
    `content ${hash}`,
    (signal) => read<WholeContent>(`${ofHash(hash)}/content`, {}, signal),
    { once: true },
  );
  const { data: content, error } = looked;
  if (error instanceof Refusal && error.status === 404) {
    return (
      <>
        <h1 tabIndex={-1}>Content</h1>
        <div class="empty">
          <h2>There is no such content</h2>
          <p>
            Nothing has the hash <Code text={hash} />, or it has been removed.{' '}
            <a href={addressOf('media')}>To the media</a>
          </p>
        </div>
      </>
    );
  }
  return (
    <>
      <p class="path">
        <a href={addressOf('media')}>Media</a> /
      </p>
      <div class="head">
        <h1 tabIndex={-1} class="name">
          {content?.identifier ?? 'Content'}
        </h1>
        {content && may('admin') && hash.length >= 64 && (
          <div class="actions">
            <button type="button" class="apart" onClick={() => setBlocking(true)}>
              Block…
            </button>
          </div>
        )}
      </div>
      <Trouble of={looked} />
      {content && (
        <>
          <div class="content-head">
            <Picture identifier={content.identifier} size="large" />
            <Facts>
              <Fact name="Hash" isWide>
                <Code text={content.hash} />
              </Fact>
              <Fact name="Format">{formatOf(content.hash)}</Fact>
              <Fact name="Size">{size(content.bytes)}</Fact>
              <Fact name="Created">
                <Time at={content.created_at} />
              </Fact>
              {content.motion_identifier !== null && (
                <Fact name="Motion file" isWide>
                  <Code text={content.motion_identifier} />
                </Fact>
              )}
              {content.blurhash !== null && (
                <Fact name="Blurhash">
                  <Code text={content.blurhash} />
                </Fact>
              )}
            </Facts>
          </div>
          <ContentAliases content={content} onChanged={looked.again} />
          <ContentVariants content={content} onChanged={looked.again} />
          {may('write') && <ContentJobs content={content} />}
          <Section title="Details">
            {content.details ? (
              <Lines text={jsonText(content.details, 2)} />
            ) : (
              <p class="empty">Nobody has stored details of this file.</p>
            )}
          </Section>
          {isBlocking && <BlockDialog hash={hash} onClose={() => setBlocking(false)} onDone={say} />}
        </>
      )}
    </>
  );
}
