import { change, Refusal, read } from '../api.js';

/** What the console reads of the media and changes in them. */

interface Content {
  hash: string;
  identifier: string;
  motion_identifier: string | null;
  blurhash: string | null;
  bytes: number | null;
  created_at: string | null;
}

export interface ListedContent extends Content {
  aliases: string[];
  aliases_more: boolean;
  details: Record<string, unknown> | null;
}

export interface ContentPage {
  hashes: ListedContent[];
  next?: string;
  previous?: string;
}

interface OwnedAlias {
  alias: string;
  hash: string;
  identifier?: string;
  owner: string | null;
  expires_at: string | null;
  created_at: string | null;
  expired?: boolean;
}

export interface AliasPage {
  aliases: OwnedAlias[];
  next?: string;
  previous?: string;
}

interface AliasOfContent extends Omit<OwnedAlias, 'hash' | 'identifier'> {
  accessed_at: string | null;
  urls: string[];
  urls_more: boolean;
}

interface VariantOfContent {
  variant: string;
  identifier: string;
  bytes: number | null;
  accessed_at: string | null;
}

export interface WholeContent extends Content {
  details: Record<string, unknown> | null;
  aliases: AliasOfContent[];
  aliases_more: boolean;
  variants: VariantOfContent[];
  variants_more: boolean;
}

/** What a removal took, or would take. */
export interface Removed {
  aliases: string[];
  hashes?: string[];
  variants?: { hash: string; variant: string }[];
  identifiers: string[];
}

export const ofHash = (hash: string): string => `/hashes/${encodeURIComponent(hash)}`;

export const releaseAlias = (alias: string, queue: string): Promise<{ removed: Removed }> =>
  change('POST', `/media/${encodeURIComponent(alias)}/release`, {
    body: { force: true, ...(queue !== '' && { enqueue: queue }) },
  });

export const removeVariant = (
  hash: string,
  variant: string,
): Promise<{ removed: { identifiers: string[] } }> =>
  change('DELETE', `${ofHash(hash)}/variant`, { query: { variant } });

/** One pass over the aliases of an owner. */
export const releaseOwner = (
  owner: string,
  { isDry, queue, limit }: { isDry: boolean; queue: string; limit: number },
): Promise<{ removed: Removed; more: boolean }> =>
  change('POST', '/media/release-owner', {
    body: { owner, limit, dry_run: isDry, ...(queue !== '' && { enqueue: queue }) },
  });

/** Reads what may not be there. */
export async function readIfThere<T>(path: string): Promise<T | undefined> {
  try {
    return await read<T>(path);
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return undefined;
    throw error;
  }
}

/** The origin and path of a file for browsers, where the service was told of one (PREVIEW_URL_TEMPLATE). */
const template = document.querySelector('meta[name="preview"]')?.getAttribute('content') ?? '';

/** The URL of a picture, if the file can be shown. */
export function previewOf(identifier: string): string | undefined {
  if (template === '') return undefined;
  return template.replace('{identifier}', () => identifier.split('/').map(encodeURIComponent).join('/'));
}

/** Rows on a page of a list. */
export const ON_A_PAGE = 50;
