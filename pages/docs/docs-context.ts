import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ApiDocument } from './document.js';

interface Docs {
  document: ApiDocument;
  /** The addresses of operations by their ids, which texts mention. */
  addresses: Map<string, string>;
  /** Asks for the key of this tab. */
  askForKey: () => void;
}

export const DocsContext = createContext<Docs | undefined>(undefined);

export function useDocs(): Docs {
  const docs = useContext(DocsContext);
  if (!docs) throw new TypeError('This is outside of the page of the API.');
  return docs;
}
