import { useEffect, useState } from 'preact/hooks';
import { counted } from '../text.js';
import { Dialog } from '../ui/dialog.js';

const SHOWN = 500;

/** The files that a removal left and that nobody else is told of: their names can be seen, and saved. */
export function LeftFiles({ files, onClose }: { files: string[]; onClose: () => void }) {
  const [href, setHref] = useState('');
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([`${files.join('\n')}\n`], { type: 'text/plain' }));
    setHref(url);
    return () => URL.revokeObjectURL(url);
  }, [files]);
  return (
    <Dialog title={`${counted(files.length, 'file')} to delete`} onClose={onClose}>
      <p>
        Nothing uses {files.length === 1 ? 'it' : 'them'} any more, and no queue was told. Save the{' '}
        {files.length === 1 ? 'name' : 'names'} now: the console does not show{' '}
        {files.length === 1 ? 'it' : 'them'} again.
      </p>
      <ul class="names">
        {files.slice(0, SHOWN).map((file) => (
          <li key={file} class="name">
            {file}
          </li>
        ))}
        {files.length > SHOWN && (
          <li class="muted">and {counted(files.length - SHOWN, 'other')} in the file</li>
        )}
      </ul>
      <div class="buttons">
        <a href={href} download="files-to-delete.txt">
          Save the names
        </a>
      </div>
    </Dialog>
  );
}
