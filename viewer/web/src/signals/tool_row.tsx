// The row above the traces: how much time, how tall, what is drawn.

import type { Recording } from '../api/types';
import { numberText } from '../shell/texts';
import { other, otherId } from '../state/app';
import { signalView, type OverlayMode } from '../state/signals';
import { canSubtract, overlayChoices } from './overlay';
import { changeGain, fitScales, rateOf, setLanes, setScale, showStretch, shownGroups, turnPage } from './view_actions';

const spans = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];

const spanText = (s: number) => (s < 1 ? `${Math.round(1000 * s)} ms` : s < 120 ? `${numberText(s, 4)} s` : s < 7200 ? `${numberText(s / 60, 4)} min` : `${numberText(s / 3600, 4)} h`);

function Time({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const duration = r.n_times / rateOf(r);
  const now = view.count.value / rateOf(r);
  const known = spans.filter((s) => s < duration);
  const index = known.findIndex((s) => Math.abs(s - now) < 1e-6 * s);
  const value = view.count.value >= r.n_times ? 'all' : index >= 0 ? String(known[index]) : 'own';
  const set = (text: string) => {
    const count = text === 'all' ? r.n_times : Number(text) * rateOf(r);
    showStretch(r, view.first.value + 0.5 * (view.count.value - count), count);
  };
  return (
    <select value={value} aria-label="Time on the screen" title="Time on the screen (+ and -)" onChange={(e) => set(e.currentTarget.value)}>
      {value === 'own' && <option value="own">{spanText(Number(now.toPrecision(3)))}</option>}
      {known.map((s) => (
        <option key={s} value={String(s)}>
          {spanText(s)}
        </option>
      ))}
      <option value="all">all: {spanText(duration)}</option>
    </select>
  );
}

// One field for each role and unit that is on the screen.
function Gain({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  return (
    <>
      <button type="button" title="Flatter (arrow down)" aria-label="Flatter" onClick={() => changeGain(r, false)}>
        −
      </button>
      <button type="button" title="Taller (arrow up)" aria-label="Taller" onClick={() => changeGain(r, true)}>
        +
      </button>
      {shownGroups(r).map((group) => {
        const unit = group.split(' ')[1] ?? '';
        return (
          <label key={group} title="What the lane of a channel is high">
            {group.split(' ')[0]}{' '}
            <input
              class="signal-scale number"
              inputMode="decimal"
              data-group={group}
              value={numberText(view.scales.value[group], 4)}
              onChange={(e) => setScale(r, group, Number(e.currentTarget.value))}
            />{' '}
            {unit}/lane
          </label>
        );
      })}
      <button type="button" class="quiet" title="Scales from what is on the screen (a)" onClick={() => fitScales(r)}>
        Fit
      </button>
    </>
  );
}

function Lanes({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const n = view.channels.value.length;
  const choices = [...new Set([1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, n].filter((c) => c <= n).concat(view.lanes.value))].sort((a, b) => a - b);
  const last = Math.min(n, view.top.value + view.lanes.value);
  return (
    <>
      <select value={String(view.lanes.value)} aria-label="Channels on the screen" onChange={(e) => setLanes(r, Number(e.currentTarget.value))}>
        {choices.map((c) => (
          <option key={c} value={String(c)}>
            {c} {c === 1 ? 'channel' : 'channels'}
          </option>
        ))}
      </select>
      {view.lanes.value < n && (
        <span class="number dim">
          <button type="button" class="quiet" title="Channels before (Page up)" aria-label="Channels before" onClick={() => turnPage(r, -1)}>
            ↑
          </button>
          {view.top.value + 1}–{last} of {n}
          <button type="button" class="quiet" title="Channels behind (Page down)" aria-label="Channels behind" onClick={() => turnPage(r, 1)}>
            ↓
          </button>
        </span>
      )}
    </>
  );
}

const modes: [OverlayMode, string][] = [
  ['over', 'over it'],
  ['instead', 'instead'],
  ['difference', 'difference'],
];

function Compare({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const choices = overlayChoices(r);
  if (choices.length === 0) return null;
  const chosen = view.overlay.value && other.value && choices.some((c) => c.id === other.value?.id) ? other.value.id : '';
  const isTooLong = view.overlayMode.value === 'difference' && !canSubtract(view.count.value, view.lanes.value);
  return (
    <>
      <select
        value={chosen}
        aria-label="Compare with"
        title="A second recording (b shows and hides it)"
        onChange={(e) => {
          otherId.value = e.currentTarget.value || otherId.value;
          view.overlay.value = e.currentTarget.value !== '';
        }}
      >
        <option value="">compare with…</option>
        {choices.map((c) => (
          <option key={c.id} value={c.id}>
            {c.is_result ? `result: ${c.label}` : c.label}
          </option>
        ))}
      </select>
      {chosen !== '' && (
        <select value={view.overlayMode.value} aria-label="How it is compared" onChange={(e) => (view.overlayMode.value = e.currentTarget.value as OverlayMode)}>
          {modes.map(([mode, text]) => (
            <option key={mode} value={mode}>
              {text}
            </option>
          ))}
        </select>
      )}
      {chosen !== '' && isTooLong && <span class="problem">Show less time or fewer channels for a difference.</span>}
    </>
  );
}

function Flag({ value, onChange, label, title }: { value: boolean; onChange(v: boolean): void; label: string; title: string }) {
  return (
    <label title={title}>
      <input type="checkbox" checked={value} onChange={(e) => onChange(e.currentTarget.checked)} /> {label}
    </label>
  );
}

export function ToolRow({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  return (
    <div class="signal-tools">
      <Time recording={r} />
      <Lanes recording={r} />
      <Gain recording={r} />
      <Flag value={view.isCentred.value} onChange={(v) => (view.isCentred.value = v)} label="centred" title="Each channel without its median (d)" />
      <Flag value={view.isClipped.value} onChange={(v) => (view.isClipped.value = v)} label="clipped" title="Nothing is drawn outside of a channel's lane" />
      {r.n_events > 0 && <Flag value={view.areEventsShown.value} onChange={(v) => (view.areEventsShown.value = v)} label="events" title="Marks of events (v)" />}
      <Compare recording={r} />
    </div>
  );
}
