import { useEffect, useState } from 'preact/hooks';
import { ROOT } from '../console/address.js';
import { said } from '../console/text.js';
import type { ApiDocument } from './document.js';
import { Header } from './header.js';
import { Reference } from './reference.js';

/** The page of the API. */
export function App() {
  const [document, setDocument] = useState<ApiDocument>();
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);

  async function load(): Promise<void> {
    setError(undefined);
    try {
      const response = await fetch(`${ROOT}docs/json`);
      if (!response.ok) throw new Error(`The document was answered with ${response.status}.`);
      setDocument(await response.json());
    } catch (failure) {
      setError(failure);
    }
  }
  useEffect(() => void load(), []);

  return (
    <>
      <a class="skip" href="#operations">
        Skip to the operations
      </a>
      <Header isAsking={isAsking} onAsk={setAsking} />
      {error !== undefined && (
        <div class="notice" role="alert">
          <p>{said(error)}</p>
          <button type="button" onClick={() => void load()}>
            Try again
          </button>
        </div>
      )}
      {document ? (
        <Reference document={document} askForKey={() => setAsking(true)} />
      ) : (
        <main>
          <h1>API</h1>
        </main>
      )}
    </>
  );
}
