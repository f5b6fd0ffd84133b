// Asks where the result of a run goes.

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api/client';
import type { Format, Recording } from '../api/types';
import { stem } from '../export/save';
import { Window } from '../shell/window';
import { otherId, tell } from '../state/app';
import { activeChain, chainFiles } from '../state/chain';
import { finished, start } from './jobs';
import { kindAfter } from './values';

export const isRunOpen = signal(false);

const formats = signal<Format[]>([]);

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);

// Keeps the format of the source if it can be written, else one that keeps every number.
function firstName(recording: Recording, endings: string[]): string {
  const own = /\.([^./]+)$/.exec(recording.path)?.[1] ?? '';
  const kind = kindAfter(recording, activeChain.value);
  const fallback = kind === 'movie' ? 'npy' : recording.kind === 'movie' ? 'csv' : 'vhdr';
  const ending = kind === recording.kind && endings.includes(own) ? own : fallback;
  return `${folderOf(recording.path)}${stem(recording.path)}.${activeChain.value.at(-1)?.step ?? 'out'}.${ending}`;
}

// Folders that cannot be listed are the business of the run.
async function isThere(path: string): Promise<boolean> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = await api.folder(folderOf(path)).catch(() => null);
  return folder?.entries.some((e) => e.name === name) ?? false;
}

export function RunWindow({ recording }: { recording: Recording }) {
  const kind = kindAfter(recording, activeChain.value);
  const able = formats.value.filter((f) => f.writes && (f.kind === 'any' || f.kind === (kind === 'movie' ? 'movies' : 'signals')));
  const endings = able.flatMap((f) => f.extensions);
  const [typed, setTyped] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => tell(api.formats().then((f) => (formats.value = f))), []);
  const out = typed ?? firstName(recording, endings);
  const ending = /\.([^./]+)$/.exec(out)?.[1] ?? '';
  const close = () => (isRunOpen.value = false);
  const run = async (overwrite: boolean) => {
    setProblem('');
    try {
      if (!overwrite && (await isThere(out))) return setProblem(`${out} exists already.`);
      await api.plan(recording.id, activeChain.value, out, chainFiles.value);
      const request = { recording: recording.id, chain: activeChain.value, what: 'run' as const, out, overwrite, files: chainFiles.value };
      const job = await start(request);
      close();
      tell(finished(job.id).then((done) => (otherId.value = done.result?.id ?? otherId.value)));
    } catch (e) {
      setProblem(e instanceof Error ? e.message : String(e));
    }
  };
  return (
    <Window title="Run the chain over the whole recording" onClose={close}>
      <form
        class="run-form"
        onSubmit={(e) => {
          e.preventDefault();
          void run(isOver);
        }}
      >
        <label for="run-out">Result</label>
        <input id="run-out" class="fill-row" required value={out} spellcheck={false} onInput={(e) => setTyped(e.currentTarget.value)} />
        <label for="run-format">Format</label>
        <select id="run-format" value={endings.includes(ending) ? ending : ''} onChange={(e) => setTyped(out.replace(/(\.[^./]*)?$/, `.${e.currentTarget.value}`))}>
          {!endings.includes(ending) && <option value="">by the ending of the name</option>}
          {able.map((f) => (
            <option key={f.name} value={f.extensions.includes(ending) ? ending : f.extensions[0]}>
              {f.name} (.{f.extensions.includes(ending) ? ending : f.extensions[0]})
            </option>
          ))}
        </select>
        <p class="dim">{able.find((f) => f.extensions.includes(ending))?.summary}</p>
        <label class="row">
          <input type="checkbox" checked={isOver} onChange={(e) => setOver(e.currentTarget.checked)} /> Replace the file if it exists
        </label>
        {problem && (
          <p class="problem">
            {problem}{' '}
            {problem.endsWith('exists already.') && (
              <button type="button" onClick={() => void run(true)}>
                Replace it
              </button>
            )}
          </p>
        )}
        <div class="row">
          <button type="submit" class="primary">
            Run
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
        </div>
      </form>
    </Window>
  );
}
