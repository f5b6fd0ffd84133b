// Between image and timeline: play, frame, speed.

import type { Recording } from '../api/types';
import { numberText } from '../shell/texts';
import { useTyped } from '../shell/typed';
import { goTo, movieView } from '../state/movie';
import { togglePlay } from './player';
import { timeOf } from './times';
import { timelineMarks } from './timeline_curves';

const icons = {
  first: 'M6 5v14M19 5l-10 7l10 7z',
  back: 'M15 5l-9 7l9 7z',
  before: 'M15 6l-6 6l6 6',
  next: 'M9 6l6 6l-6 6',
  play: 'M9 5l9 7l-9 7z',
  stop: 'M8 5v14M16 5v14',
  last: 'M18 5v14M5 5l10 7l-10 7z',
};

function Button({ icon, title, onClick, pressed }: { icon: keyof typeof icons; title: string; onClick(): void; pressed?: boolean }) {
  return (
    <button type="button" class="quiet icon" title={title} aria-label={title} aria-pressed={pressed} onClick={onClick}>
      <svg viewBox="0 0 24 24" width="16" height="16">
        <path d={icons[icon]} />
      </svg>
    </button>
  );
}

function Field({ label, value, onSet, width, unit, min, max, step }: { label: string; value: number; onSet(v: number): void; width: number; unit: string; min: number; max: number; step?: number | 'any' }) {
  const input = useTyped(value, (v, field) => {
    onSet(Math.max(min, Math.min(max, v)));
    field.blur();
  });
  return (
    <label class="bar-field">
      <span class="dim">{label}</span>
      <input
        type="number"
        class="number"
        style={{ width: `${width}px` }}
        min={min}
        max={max}
        step={step ?? 1}
        aria-label={label}
        {...input}
      />
      <span class="dim">{unit}</span>
    </label>
  );
}

export function PlayBar({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const { value: frame } = view.frame;
  const time = timeOf(r, frame);
  const isPlaying = view.isPlaying.value;
  const isForwards = view.speed.value >= 0;
  const marks = timelineMarks.value.length;
  return (
    <div class="play-bar">
      <Button icon="first" title="First frame (Home)" onClick={() => goTo(r, 0)} />
      <Button icon={isPlaying && !isForwards ? 'stop' : 'back'} title="Play backwards (Shift+Space)" pressed={isPlaying && !isForwards} onClick={() => togglePlay(view, -1)} />
      <Button icon="before" title="Frame before (←)" onClick={() => goTo(r, frame - 1)} />
      <Button icon="next" title="Next frame (→)" onClick={() => goTo(r, frame + 1)} />
      <Button icon={isPlaying && isForwards ? 'stop' : 'play'} title="Play (Space)" pressed={isPlaying && isForwards} onClick={() => togglePlay(view, 1)} />
      <Button icon="last" title="Last frame (End)" onClick={() => goTo(r, r.n_times - 1)} />
      <Field label="frame" value={frame} onSet={(v) => goTo(r, v)} width={74} unit={`of ${r.n_times}`} min={0} max={r.n_times - 1} />
      <span class="dim number bar-time">{time === null ? '' : `${time.toFixed(3)} s`}</span>
      <Field label="speed" value={Number(numberText(Math.abs(view.speed.value), 4))} onSet={(v) => (view.speed.value = (isForwards ? 1 : -1) * v)} width={66} unit="fps" min={0.1} max={10000} step="any" />
      {r.rate_hz !== null && r.rate_hz > 0 && <span class="dim bar-times">{`${numberText(Math.abs(view.speed.value) / r.rate_hz, 2)} × real time`}</span>}
      <span class="grow" />
      {marks > 0 && <span class="dim">{`${marks} marked frame${marks === 1 ? '' : 's'}: n, p`}</span>}
    </div>
  );
}
