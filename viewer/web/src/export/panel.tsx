// Sessions, and files of what is seen, plotted and selected.

import { signal } from '@preact/signals';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { bytesText, countText } from '../shell/texts';
import { notify, tell } from '../state/app';
import { movieView } from '../state/movie';
import { chosen } from '../state/zones';
import { timelineCurves } from '../movie/timeline_curves';
import { pixelBox, type Box } from '../zones/geometry';
import { samplesCsv, samplesOnScreen, timelineCsv } from './csv';
import { canvasBlob, pictureOf } from './picture';
import { saveAddress, saveBlob, saveText, stem } from './save';
import { screenOf } from './screen';
import { saveSession } from './session';

// ---- Pictures

const size = signal<'screen' | 'native'>('native');
const scale = signal(1);
const hasOverlays = signal(true);

const savePicture = async (recording: Recording, canvas: Promise<HTMLCanvasElement>, name: string) => saveBlob(await canvasBlob(await canvas), `${stem(recording.label)}.${name}.png`);

function PictureOptions() {
  return (
    <div class="row">
      <select aria-label="Size of the picture" value={size.value} onChange={(e) => (size.value = e.currentTarget.value === 'screen' ? 'screen' : 'native')}>
        <option value="native">whole image, a pixel for a pixel</option>
        <option value="screen">as on the screen</option>
      </select>
      {size.value === 'native' && (
        <select aria-label="Enlarged" value={scale.value} onChange={(e) => (scale.value = Number(e.currentTarget.value))}>
          {[1, 2, 4, 8].map((s) => (
            <option key={s} value={s}>
              × {s}
            </option>
          ))}
        </select>
      )}
      <label>
        <input type="checkbox" checked={hasOverlays.value} onChange={(e) => (hasOverlays.value = e.currentTarget.checked)} /> overlays
      </label>
    </div>
  );
}

function SavePicture({ recording }: { recording: Recording }) {
  const save = () => {
    const options = { size: size.value, scale: scale.value, hasOverlays: hasOverlays.value };
    tell(savePicture(recording, pictureOf(recording, options), `frame-${movieView(recording).frame.value}`));
  };
  return (
    <div class="row">
      {recording.kind === 'movie' && (
        <button type="button" onClick={save}>
          Save image (PNG)
        </button>
      )}
      <button type="button" title="With its axes" onClick={() => tell(savePicture(recording, screenOf(recording), 'view'))}>
        Save whole view (PNG)
      </button>
    </div>
  );
}

// ---- Arrays

type Region = 'whole' | 'visible' | 'zone';
const region = signal<Region>('whole');
const every = signal(1);

function visibleBox(recording: Recording): Box | null {
  const v = movieView(recording).viewport.value;
  return pixelBox({ name: '', shape: 'rectangle', x: v.x, y: v.y, width: v.width / v.scale, height: v.height / v.scale }, recording.width, recording.height);
}

function boxOf(recording: Recording): Box | null {
  if (region.value === 'visible') return visibleBox(recording);
  if (region.value === 'zone') return chosen.value && pixelBox(chosen.value, recording.width, recording.height);
  return { x: 0, y: 0, width: recording.width, height: recording.height };
}

function MovieArray({ recording }: { recording: Recording }) {
  const [first, last] = movieView(recording).range.value;
  const count = Math.floor((last - first) / every.value) + 1;
  const box = boxOf(recording);
  const perPixel = recording.bytes / Math.max(1, recording.n_times * recording.height * recording.width);
  return (
    <div class="row">
      <select aria-label="Region" value={region.value} onChange={(e) => (region.value = e.currentTarget.value as Region)}>
        <option value="whole">whole frames</option>
        <option value="visible">visible region</option>
        <option value="zone">box of the chosen zone</option>
      </select>
      <label>
        every <input type="number" class="number short" min={1} value={every.value} onChange={(e) => (every.value = Math.max(1, Math.round(e.currentTarget.valueAsNumber) || 1))} /> frames
      </label>
      <button
        type="button"
        disabled={!box}
        onClick={() => box && saveAddress(api.arrayAddress(recording.id, { first, count, step: every.value, ...box }), `${stem(recording.label)}.npy`)}
      >
        Save array (.npy)
      </button>
      <span class="dim number">
        {box ? `${count} × ${box.height} × ${box.width}${recording.n_colours > 1 ? ` × ${recording.n_colours}` : ''}, ${recording.type}, ${bytesText(count * box.height * box.width * perPixel)}` : 'no pixel'}
      </span>
    </div>
  );
}

// ---- Tables

function MovieTables({ recording }: { recording: Recording }) {
  const n = timelineCurves.value.length;
  return (
    <div class="row">
      <button type="button" onClick={() => saveText(timelineCsv(recording), `${stem(recording.label)}.timeline.csv`, 'text/csv')}>
        Save timeline (CSV)
      </button>
      <span class="dim">min, max, mean and std{n > 0 && ` and ${countText(n, 'curve')}`}, a row for each frame</span>
    </div>
  );
}

function SignalTables({ recording }: { recording: Recording }) {
  const { count, channels } = samplesOnScreen(recording);
  return (
    <div class="row">
      <button type="button" onClick={() => tell(samplesCsv(recording).then((text) => saveText(text, `${stem(recording.label)}.csv`, 'text/csv')))}>
        Save samples on the screen (CSV)
      </button>
      <span class="dim number">
        {countText(count, 'sample')} × {countText(channels.length, 'channel')}
      </span>
    </div>
  );
}

export function ExportPanel({ recording }: { recording: Recording }) {
  const isMovie = recording.kind === 'movie';
  return (
    <div class="export-panel">
      <h3>Session</h3>
      <p class="dim">
        What is open, the chain, the zones and the view in one small file. <code>limpid view SESSION.json</code> reopens it; <code>limpid run IN --chain SESSION.json --out OUT</code> runs its chain.
      </p>
      <button type="button" class="primary" title="Ctrl+S" onClick={saveSession}>
        Save session
      </button>
      <h3>Picture</h3>
      {isMovie && <PictureOptions />}
      <SavePicture recording={recording} />
      {isMovie && (
        <>
          <h3>Numbers of the range</h3>
          <MovieArray recording={recording} />
        </>
      )}
      <h3>Curves</h3>
      {isMovie ? <MovieTables recording={recording} /> : <SignalTables recording={recording} />}
    </div>
  );
}

export function saveSessionByKey() {
  saveSession();
  notify('The session is saved.');
}
