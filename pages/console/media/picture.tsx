import { useState } from 'preact/hooks';
import { previewOf } from './data.js';

/** The picture of a file, where the service was told where pictures are. One that cannot be loaded is left out. */
export function Picture({ identifier, size }: { identifier: string; size: 'small' | 'large' }) {
  const [isBroken, setBroken] = useState(false);
  const url = previewOf(identifier);
  if (url === undefined) return null;
  if (isBroken) return <span class={`picture ${size} none`} />;
  return (
    <img
      class={`picture ${size}`}
      src={url}
      alt=""
      loading="lazy"
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}
