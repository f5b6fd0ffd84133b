// Trigger explorer: how regular the events of a label are, what lies around them, and steps that use them.

import type { Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { LinePlot } from '../plot/line_plot';
import { css } from '../plot/theme_colours';
import { numberText } from '../shell/texts';
import { notify } from '../state/app';
import { signalView } from '../state/signals';
import { unitText } from './channel_text';
import { useFollowed } from './debounced';
import { appendTriggers, fetchEpochs, mostEpochs, triggersOf, wantedEpochs, windowOf, windows, type Epochs } from './epochs';
import { eventsOf, labelText } from './events';
import { HeatMap } from './heat_map';
import { Intervals } from './intervals';
import { rateOf } from './view_actions';

// other: the seconds of the other side.
function Seconds({ id, label, value, other, onChange }: { id: string; label: string; value: number; other: number; onChange(v: number): void }) {
  return (
    <>
      <label for={id}>{label}</label>
      <span>
        <input
          id={id}
          class="signal-scale number"
          inputMode="decimal"
          value={String(value)}
          onChange={(e) => {
            const v = Number(e.currentTarget.value);
            // The window may begin behind the trigger, or end before.
            if (v + other > 0 && Math.abs(v) <= 1e4 && e.currentTarget.value.trim() !== '') return onChange(v);
            notify(`"${e.currentTarget.value}" does not do: ${label} must be seconds, up to 10000, and leave some time in the window.`, 'error');
            e.currentTarget.value = String(value);
          }}
        />{' '}
        s
      </span>
    </>
  );
}

function Offset({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const ms = Number((1000 * view.offset_s.value).toFixed(6));
  const period = triggersOf(r)?.median_s ?? 0.2;
  const most = Math.max(1, Math.min(200, Math.round(500 * period)), Math.abs(ms));
  const set = (v: number) => {
    if (Number.isFinite(v) && Math.abs(v) <= 1e7) view.offset_s.value = v / 1000;
  };
  return (
    <>
      <label for="offset">Offset</label>
      <div class="row">
        <input
          id="offset"
          class="grow"
          type="range"
          min={-most}
          max={most}
          step={1000 / rateOf(r) / 10}
          value={ms}
          aria-label="Offset (ms)"
          title="Moves marks and epochs; positive: later"
          onInput={(e) => set(Number(e.currentTarget.value))}
        />
        <span>
          <input class="signal-scale number" inputMode="decimal" aria-label="Offset in ms" value={String(Number(ms.toFixed(3)))} onChange={(e) => set(Number(e.currentTarget.value))} /> ms
        </span>
        <button type="button" class="quiet" onClick={() => set(0)}>
          0
        </button>
      </div>
    </>
  );
}

function Fields({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const { before_s, after_s } = windowOf(r);
  return (
    <div class="signal-fields">
      <label for="epoch-label">Events</label>
      <select
        id="epoch-label"
        value={view.pattern.value}
        onChange={(e) => {
          windows.before_s.value = windows.after_s.value = null;
          view.pattern.value = e.currentTarget.value;
        }}
      >
        <option value="">choose a label…</option>
        {eventsOf(r).labels.map((l) => (
          <option key={l.name} value={l.name}>
            {labelText(l.name)} ({l.onsets.length})
          </option>
        ))}
      </select>
      <label for="epoch-channel">Channel</label>
      <select id="epoch-channel" value={String(view.chosen.value)} onChange={(e) => (view.chosen.value = Number(e.currentTarget.value))}>
        {r.channels.map((c, i) => (
          <option key={c.name} value={String(i)}>
            {c.name}
          </option>
        ))}
      </select>
      <Seconds id="epoch-before" label="Before" value={before_s} other={after_s} onChange={(v) => (windows.before_s.value = v)} />
      <Seconds id="epoch-after" label="After" value={after_s} other={before_s} onChange={(v) => (windows.after_s.value = v)} />
      <Offset recording={r} />
    </div>
  );
}

const timesOf = (r: Recording, e: Epochs) => Float64Array.from(e.mean, (_, i) => (1000 * (i - Math.round(e.before_s * rateOf(r)))) / rateOf(r));

function csvOf(r: Recording, e: Epochs): string {
  const t = timesOf(r, e);
  return ['time_ms,mean,std', ...Array.from(e.mean, (m, i) => `${t[i]},${m},${e.std[i]}`), ''].join('\n');
}

function Template({ recording: r, epochs: e }: { recording: Recording; epochs: Epochs }) {
  const view = signalView(r);
  const unit = unitText(r.channels[view.chosen.value]?.unit ?? '');
  const colour = css('--accent');
  const edge = (sign: number) => Float32Array.from(e.mean, (m, i) => m + sign * (e.std[i] as number));
  return (
    <>
      <h3>
        {e.n_used} epochs: {e.n_rows < e.n_used ? `${e.n_rows} of them, evenly chosen` : 'all of them'}
      </h3>
      {e.n_rows > 0 && <HeatMap rows={e.rows} samples={e.samples} limit={e.limit} zero={e.before_s / (e.before_s + e.after_s)} label="Epochs below each other" />}
      <p class="dim number">
        Colours from −{numberText(e.limit, 3)} to {numberText(e.limit, 3)} {unit}, first epoch above.
      </p>
      <LinePlot
        x={timesOf(r, e)}
        curves={[
          { label: 'mean + std', values: edge(1), colour, width: 0.4, bandTo: 'mean − std' },
          { label: 'mean − std', values: edge(-1), colour, width: 0.4 },
          { label: 'mean', values: e.mean, colour },
        ]}
        xLabel="time from the event (ms)"
        yLabel={unit === '' ? 'mean ± std' : `mean ± std (${unit})`}
        height={200}
        mark={0}
      />
      <div class="row">
        <label>
          show{' '}
          <select value={String(mostEpochs.value)} onChange={(ev) => (mostEpochs.value = Number(ev.currentTarget.value))}>
            {[50, 100, 200, 500, 1000].map((n) => (
              <option key={n} value={String(n)}>
                {n} epochs
              </option>
            ))}
          </select>
        </label>
        <span class="grow" />
        <button type="button" onClick={() => saveText(csvOf(r, e), `${stem(r.label)}.epochs.csv`, 'text/csv')}>
          Save CSV
        </button>
      </div>
    </>
  );
}

function UseAs({ recording: r }: { recording: Recording }) {
  return (
    <div class="row">
      <button type="button" title="Appends triggers, complete-triggers and align to the chain, with this offset" onClick={() => appendTriggers(r, false)}>
        Use as triggers
      </button>
      <button type="button" title="And highpass, gradient and lowpass behind them" onClick={() => appendTriggers(r, true)}>
        Clean with these triggers
      </button>
    </div>
  );
}

export function EpochsPanel({ recording: r }: { recording: Recording }) {
  const followed = useFollowed(r.id, () => wantedEpochs(r), fetchEpochs, 120);
  const epochs = followed.value.value;
  if (r.n_events === 0) return <p class="dim">This recording has no events. The step triggers can also take a stim channel, or triggers by hand.</p>;
  return (
    <div class="signal-panel">
      <Fields recording={r} />
      {signalView(r).pattern.value !== '' && <UseAs recording={r} />}
      {epochs && epochs.samples > 0 && epochs.n_used > 0 && <Template recording={r} epochs={epochs} />}
      {epochs && epochs.n_used === 0 && <p class="dim">No epoch of this window lies inside the recording.</p>}
      <Intervals recording={r} />
      {followed.isBusy.value && !epochs && <p class="dim">Reading epochs…</p>}
    </div>
  );
}
