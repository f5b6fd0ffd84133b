// The "View" panel of movies.

import { useSignal } from '@preact/signals';
import type { Recording } from '../api/types';
import { other, otherId, recordings, tell } from '../state/app';
import { movieView, type MovieView } from '../state/movie';
import { ContrastPart } from './contrast_part';
import { displayOf } from './display';
import { LivePart } from './live_part';
import { isReducing, openReduced, reductions, showReduced } from './reduced';

function ReducePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const stat = useSignal('mean');
  if (r.n_times < 2) return null;
  return (
    <section>
      <h3>
        Reduce <span class="dim unit">{`frames ${view.range.value[0]} to ${view.range.value[1]} to one image`}</span>
      </h3>
      <div class="row">
        <select class="grow" aria-label="Reduce by" value={stat.value} onChange={(e) => (stat.value = e.currentTarget.value)}>
          {reductions.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <button type="button" disabled={isReducing.value} onClick={() => tell(showReduced(r, stat.value))} title="Shows the image until a frame is chosen">
          Show
        </button>
        <button type="button" disabled={isReducing.value} onClick={() => tell(openReduced(r, stat.value))} title="Opens the image as a recording of its own">
          Open
        </button>
      </div>
      {view.reduced.value !== '' && (
        <div class="row note">
          <span class="grow">{`Shown: ${view.reduced.value}.`}</span>
          <button type="button" onClick={() => (view.reduced.value = '')}>
            Back to frames
          </button>
        </div>
      )}
    </section>
  );
}

function ComparePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const others = recordings.value.filter((o) => o.kind === 'movie' && o.id !== r.id);
  if (others.length === 0) return null;
  const choices: [MovieView['compare']['value'], string][] = [
    ['off', 'Off'],
    ['side', 'Side by side'],
    ['swipe', 'Swipe'],
  ];
  const choose = (what: MovieView['compare']['value']) => {
    if (what !== 'off' && (!other.value || other.value.id === r.id)) otherId.value = (others.find((o) => o.source_id === r.id || r.source_id === o.id) ?? others[0])?.id ?? '';
    view.compare.value = what;
  };
  return (
    <section>
      <h3>Compare</h3>
      <div class="row">
        <select class="grow" aria-label="Compare with" value={others.some((o) => o.id === otherId.value) ? otherId.value : ''} onChange={(e) => (otherId.value = e.currentTarget.value)}>
          <option value="">with…</option>
          {others.map((o) => (
            <option key={o.id} value={o.id}>
              {o.label}
            </option>
          ))}
        </select>
      </div>
      <div class="choice" role="radiogroup" aria-label="Compare">
        {choices.map(([id, name]) => (
          <button key={id} type="button" role="radio" aria-checked={displayOf(r).arrangement.value === id} onClick={() => choose(id)}>
            {name}
          </button>
        ))}
      </div>
      {displayOf(r).arrangement.value !== 'off' && (
        <label class="check">
          <input type="checkbox" checked={view.sameContrast.value} onChange={(e) => (view.sameContrast.value = e.currentTarget.checked)} /> same contrast for both
        </label>
      )}
    </section>
  );
}

function ProfilePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const options = view.profiles.value;
  const set = (change: Partial<typeof options>) => (view.profiles.value = { ...options, ...change });
  return (
    <section>
      <h3>
        Profiles <span class="dim unit">{`row ${view.cross.value.y}, column ${view.cross.value.x}`}</span>
      </h3>
      <label class="panel-field" title="Lowest and highest values of so many rows (columns) around the line">
        <span class="dim">band of</span>
        <input type="number" min={1} max={1001} step={2} value={options.band} aria-label="Rows of the band" onChange={(e) => Number.isFinite(e.currentTarget.valueAsNumber) && set({ band: Math.max(1, Math.min(1001, Math.round(e.currentTarget.valueAsNumber))) })} />
        <span class="dim">px</span>
      </label>
      {r.n_times > 1 && (
        <label class="check" title="Lowest and highest value of each pixel in the range of frames">
          <input type="checkbox" checked={options.envelope} onChange={(e) => set({ envelope: e.currentTarget.checked })} /> extremes over the range of frames
        </label>
      )}
    </section>
  );
}

export function ViewPanel({ recording }: { recording: Recording }) {
  return (
    <div class="view-panel">
      <ContrastPart recording={recording} />
      <LivePart recording={recording} />
      <ReducePart recording={recording} />
      <ComparePart recording={recording} />
      <ProfilePart recording={recording} />
    </div>
  );
}
