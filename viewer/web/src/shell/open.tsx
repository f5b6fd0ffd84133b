// Chooses a file or folder on the machine where the server runs, within the folders it may look into.

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client';
import { about, current, openRecording } from '../state/app';
import { addKey } from './keys';
import { bytesText } from './texts';
import { Window } from './window';

export const isOpenWindowShown = signal(false);

addKey({ keys: ['o'], kinds: 'any', help: 'Open a recording', run: () => (isOpenWindowShown.value = true) });

type Folder = Awaited<ReturnType<typeof api.folder>>;

const sentenceOf = (e: unknown) => (e instanceof Error ? e.message : String(e));

const parentOf = (path: string) => path.slice(0, Math.max(1, path.lastIndexOf('/')));

export function OpenWindow() {
  const [path, setPath] = useState(current.value ? parentOf(current.value.path) : (about.value?.roots[0] ?? '/'));
  const [folder, setFolder] = useState<Folder | null>(null);
  const [problem, setProblem] = useState('');
  const close = () => (isOpenWindowShown.value = false);
  const open = (chosen: string) => {
    setProblem('');
    openRecording(chosen).then(close, (e: unknown) => setProblem(sentenceOf(e)));
  };
  useEffect(() => {
    let isLatest = true;
    setProblem('');
    api.folder(path).then(
      (f) => isLatest && setFolder(f),
      (e: unknown) => isLatest && setProblem((before) => before || sentenceOf(e)),
    );
    return () => {
      isLatest = false;
    };
  }, [path]);
  return (
    <Window title="Open a recording" onClose={close}>
      <form
        class="row"
        onSubmit={(e) => {
          e.preventDefault();
          open(path);
        }}
      >
        <input class="grow" value={path} aria-label="Path" required onChange={(e) => setPath(e.currentTarget.value)} />
        <button type="submit" title="Open this folder as one recording (image series, several movies, Zarr)">
          Open folder
        </button>
      </form>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <ul class="files">
        {folder?.parent && (
          <li>
            <button type="button" onClick={() => setPath(folder.parent ?? path)}>
              ..
            </button>
          </li>
        )}
        {folder?.entries.map((e) => {
          const full = `${folder.path.replace(/\/$/, '')}/${e.name}`;
          return (
            <li key={e.name}>
              <button type="button" onClick={() => (e.is_folder ? setPath(full) : open(full))}>
                {e.is_folder ? `${e.name}/` : e.name}
              </button>
              {!e.is_folder && <span class="dim">{bytesText(e.bytes)}</span>}
            </li>
          );
        })}
      </ul>
    </Window>
  );
}
