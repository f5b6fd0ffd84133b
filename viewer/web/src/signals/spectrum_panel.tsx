// The spectrum of the stretch on the screen, or of the whole recording.

import { useSignal } from '@preact/signals';
import type { Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { LinePlot, type Curve } from '../plot/line_plot';
import { css } from '../plot/theme_colours';
import { numberText } from '../shell/texts';
import { signalView } from '../state/signals';
import { unitText } from './channel_text';
import { useFollowed } from './debounced';
import { badBands } from './event_marks';
import { eventsOf, labelText } from './events';
import { fetchSpectrum, harmonics, options, overlayName, peakNear, wantedSpectrum, type Spectrum, type Stretch, type Which } from './spectrum';
import { analyse } from './triggers';
import { rateOf } from './view_actions';

const segments = [0.25, 0.5, 1, 2, 4, 8, 16, 32];
const limits = [40, 70, 100, 250, 500, 1000];

function Options({ recording: r }: { recording: Recording }) {
  const half = rateOf(r) / 2;
  const most = options.most_hz.value < half ? options.most_hz.value : 0; // chosen for a recording of a higher rate
  return (
    <div class="signal-fields">
      <label for="spectrum-stretch">Of</label>
      <select id="spectrum-stretch" value={options.stretch.value} onChange={(e) => (options.stretch.value = e.currentTarget.value as Stretch)}>
        <option value="screen">the stretch on the screen</option>
        <option value="whole">the whole recording</option>
      </select>
      <label for="spectrum-which">Channel</label>
      <select id="spectrum-which" value={options.which.value} onChange={(e) => (options.which.value = e.currentTarget.value as Which)}>
        <option value="chosen">the chosen one: {r.channels[signalView(r).chosen.value]?.name}</option>
        <option value="mean">mean over those on the screen</option>
      </select>
      <label for="spectrum-segment">Segments</label>
      <select id="spectrum-segment" value={String(options.segment_s.value)} onChange={(e) => (options.segment_s.value = Number(e.currentTarget.value))}>
        {segments.map((s) => (
          <option key={s} value={String(s)}>
            {s} s: {numberText(1 / s, 4)} Hz apart
          </option>
        ))}
      </select>
      <label for="spectrum-most">Up to</label>
      <select id="spectrum-most" value={String(most)} onChange={(e) => (options.most_hz.value = Number(e.currentTarget.value))}>
        {limits
          .filter((l) => l < half)
          .map((l) => (
            <option key={l} value={String(l)}>
              {l} Hz
            </option>
          ))}
        <option value="0">{numberText(half, 6)} Hz: all</option>
      </select>
    </div>
  );
}

// What is drawn: without 0 Hz on a logarithmic axis, up to the limit.
// Decibels if asked for.
function cut(s: Spectrum, values: Float64Array, isLogY: boolean): Float64Array {
  const from = options.isLogX.value ? 1 : 0;
  const most = options.most_hz.value > 0 ? options.most_hz.value : Infinity;
  let to = s.hz.length;
  while (to > from + 2 && (s.hz[to - 1] as number) > most) to--;
  const part = values.slice(from, to);
  return isLogY ? part.map((v) => (v > 0 ? 10 * Math.log10(v) : NaN)) : part;
}

const csvOf = (s: Spectrum, name: string, unit: string) =>
  [`hz,${name} (${unit})${s.theirs ? `,${overlayName()} (${unit})` : ''}`, ...Array.from(s.hz, (f, i) => `${f},${s.own[i]}${s.theirs ? `,${s.theirs[i]}` : ''}`), ''].join('\n');

export function SpectrumPanel({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const found = useFollowed(r.id, () => wantedSpectrum(r), fetchSpectrum);
  const cursor = useSignal<number | null>(null);
  const s = found.value.value;
  const unit = unitText(r.channels[view.chosen.value]?.unit ?? '');
  const density = unit === '' ? '1/Hz' : `${unit}²/Hz`;
  if (r.rate_hz === null) return <p class="dim">A spectrum needs the sample rate, which is not known.</p>;
  const label = eventsOf(r).byName.get(view.pattern.value);
  const rhythm = label ? analyse(label.onsets, rateOf(r)) : null;
  const fundamental = rhythm?.isRegular ? 1 / rhythm.period_s : null;
  const peak = s && cursor.value !== null ? peakNear(s, cursor.value, 0.015 * (options.most_hz.value || rateOf(r) / 2)) : null;
  const name = options.which.value === 'mean' ? 'mean' : (r.channels[view.chosen.value]?.name ?? '');
  const hasMarks = badBands(r).length > 0;
  const curves: Curve[] = [];
  if (s) {
    const isLog = options.isLogY.value;
    curves.push({ label: name, values: cut(s, s.own, isLog), colour: css('--accent') });
    if (s.theirs) curves.push({ label: overlayName(), values: cut(s, s.theirs, isLog), colour: css('--mark') });
    if (fundamental) curves.push({ label: `multiples of ${numberText(fundamental, 5)} Hz`, values: cut(s, harmonics(s, fundamental), isLog), colour: css('--cursor'), points: true });
  }
  return (
    <div class="signal-panel">
      <Options recording={r} />
      <div class="row">
        <label>
          <input type="checkbox" checked={options.isLogY.value} onChange={(e) => (options.isLogY.value = e.currentTarget.checked)} /> decibels
        </label>
        <label>
          <input type="checkbox" checked={options.isLogX.value} onChange={(e) => (options.isLogX.value = e.currentTarget.checked)} /> log frequency
        </label>
        {hasMarks && (
          <label title="Segments of Welch's method that touch a mark, or an event that begins with BAD and lasts, are left out">
            <input type="checkbox" checked={options.isSkipping.value} onChange={(e) => (options.isSkipping.value = e.currentTarget.checked)} /> without marks
          </label>
        )}
        <span class="grow" />
        {found.isBusy.value && <span class="dim">computing…</span>}
        <button type="button" disabled={!s} onClick={() => s && saveText(csvOf(s, name, density), `${stem(r.label)}.spectrum.csv`, 'text/csv')}>
          Save CSV
        </button>
      </div>
      {hasMarks && wantedSpectrum(r) === null && <p class="dim">No segment has room between the marks: take shorter ones.</p>}
      {s && (
        <LinePlot
          x={cut(s, s.hz, false)}
          curves={curves}
          xLabel="frequency (Hz)"
          yLabel={options.isLogY.value ? `density (dB of 1 ${density})` : `density (${density})`}
          height={280}
          logX={options.isLogX.value}
          onCursor={(x) => (cursor.value = x)}
          mark={peak?.[0] ?? null}
        />
      )}
      <p class="number">{peak ? `Peak at ${numberText(peak[0], 5)} Hz: ${numberText(peak[1], 4)} ${density} (${numberText(Math.sqrt(peak[1]), 4)} ${unit}/√Hz)` : <span class="dim">Point at a peak to read it.</span>}</p>
      {s && (
        <p class="dim">
          Welch's method: Hann windows of {numberText(s.segment_s, 4)} s that overlap by half{s.channels.length > 1 ? `, mean of ${s.channels.length} channels` : ''}{s.parts > 1 ? `, in ${s.parts} stretches between marks` : ''}.
          {fundamental && ` Points: multiples of the rate of ${labelText(view.pattern.value)}, ${numberText(fundamental, 6)} Hz.`}
          {s.theirs && ` The second curve is ${overlayName()}.`}
        </p>
      )}
    </div>
  );
}
