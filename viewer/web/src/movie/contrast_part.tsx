// Contrast and colours of the "View" panel.

import { useSignal } from '@preact/signals';
import type { Recording } from '../api/types';
import { colourMap, colourMapNames } from '../image/colour_maps';
import { numberText } from '../shell/texts';
import { movieView, type Contrast } from '../state/movie';
import { setLimits } from './contrast';
import { displayOf } from './display';
import { HistogramPlot } from './histogram_plot';

const modes: [Contrast['mode'], string, string][] = [
  ['frame', 'Frame', 'Lowest to highest value of all pixels of the frame'],
  ['movie', 'Movie', 'Lowest to highest value of all pixels of all frames'],
  ['trim', 'Trim', 'Percentiles of the frame: the share below is left out at both ends'],
  ['manual', 'Manual', 'Stays as it is; drag the limits or write them'],
];

function Limit({ label, value, onSet }: { label: string; value: number; onSet(v: number): void }) {
  const shown = numberText(value, 7);
  const set = (input: HTMLInputElement) => {
    const v = input.value.trim() === '' ? NaN : Number(input.value);
    if (Number.isFinite(v)) onSet(v);
    else input.value = shown; // what is no number changes nothing
  };
  return (
    <label class="panel-field">
      <span class="dim">{label}</span>
      <input class="number" inputMode="decimal" value={shown} aria-label={label} onChange={(e) => set(e.currentTarget)} />
    </label>
  );
}

// The map as a strip.
function Strip({ name }: { name: string }) {
  const colours = colourMap(name);
  const draw = (canvas: HTMLCanvasElement | null) => {
    const context = canvas?.getContext('2d');
    if (!context) return;
    const image = context.createImageData(256, 1);
    for (let i = 0; i < 256; i++) image.data.set([...colours.subarray(3 * i, 3 * i + 3), 255], 4 * i);
    context.putImageData(image, 0, 0);
  };
  return <canvas class="map-strip" width={256} height={1} ref={draw} key={name} />;
}

export function ContrastPart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const isLog = useSignal(true);
  const { mode, low, high, trim } = view.contrast.value;
  return (
    <section>
      <h3>
        Contrast <span class="dim unit">counts of all pixels shown, by value</span>
      </h3>
      <HistogramPlot recording={r} isLog={isLog.value} />
      <div class="row">
        <Limit label="low" value={low} onSet={(v) => setLimits(view, v, high)} />
        <Limit label="high" value={high} onSet={(v) => setLimits(view, low, v)} />
        <label class="check">
          <input type="checkbox" checked={isLog.value} onChange={(e) => (isLog.value = e.currentTarget.checked)} /> log
        </label>
      </div>
      <div class="choice" role="radiogroup" aria-label="Contrast">
        {modes.map(([id, name, title]) => (
          <button key={id} type="button" role="radio" aria-checked={mode === id} title={title} onClick={() => (view.contrast.value = { ...view.contrast.value, mode: id })}>
            {name}
          </button>
        ))}
      </div>
      {mode === 'trim' && (
        <label class="panel-field">
          <span class="dim">left out at each end</span>
          <input
            type="number"
            min={0}
            max={49}
            step={0.1}
            value={trim}
            aria-label="Percent left out at each end"
            onChange={(e) => Number.isFinite(e.currentTarget.valueAsNumber) && (view.contrast.value = { ...view.contrast.value, trim: Math.max(0, Math.min(49, e.currentTarget.valueAsNumber)) })}
          />
          <span class="dim">%</span>
        </label>
      )}
      {r.n_colours === 1 && (
        <div class="row">
          <select aria-label="Colour map" value={view.colourMap.value} onChange={(e) => (view.colourMap.value = e.currentTarget.value)}>
            <option value="auto">colours: automatic</option>
            {colourMapNames.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <Strip name={displayOf(r).map.value} />
        </div>
      )}
    </section>
  );
}
