// Parts of the panel.

import type { ComponentChildren } from 'preact';
import type { ChainStep, Recording } from '../api/types';
import { NumberInput } from '../chains/analysis';
import { grey } from '../chains/lines';
import { append } from '../chains/zone_steps';
import { movieView } from '../state/movie';
import type { OverlayName } from '../state/overlays';
import { live } from './results';
import { toggle } from './settings';

interface PartProps {
  recording: Recording;
  name: OverlayName;
  title: string;
  keyName: string;
  steps(): ChainStep[];
  buttons?: ComponentChildren;
  children: ComponentChildren;
}

// Appended behind `grey` where colours are not taken; profiles take them.
function appendOf(r: Recording, name: OverlayName, steps: ChainStep[]) {
  append(...(name === 'events' ? [] : grey(r)), ...steps);
}

export function Part({ recording: r, name, title, keyName, steps, buttons, children }: PartProps) {
  const { isOn } = movieView(r).overlays.value[name];
  const { isBusy, problem } = live[name];
  return (
    <section data-overlay={name}>
      <div class="overlay-head">
        <label class="check grow">
          <input type="checkbox" checked={isOn} onChange={() => toggle(r, name)} /> <b>{title}</b>
        </label>
        {isOn && isBusy.value && <span class="dim">computing…</span>}
        <kbd title="Switches it on and off">{keyName}</kbd>
      </div>
      {isOn && problem.value !== '' && <p class="problem">{problem.value}</p>}
      {isOn && children}
      {isOn && (
        <div class="row">
          <button type="button" title="Appends this step with these parameters" onClick={() => appendOf(r, name, steps())}>
            Append to chain
          </button>
          {buttons}
        </div>
      )}
    </section>
  );
}

interface SliderProps {
  label: string;
  unit: string;
  value: number;
  least: number;
  most: number;
  step: number;
  onChange(v: number): void;
}

export function Slider({ label, unit, value, least, most, step, onChange }: SliderProps) {
  return (
    <label class="overlay-slider">
      <span class="dim">{label}</span>
      <input type="range" min={least} max={most} step={step} value={value} aria-label={label} onInput={(e) => onChange(e.currentTarget.valueAsNumber)} />
      <span class="number">
        {value}
        {unit}
      </span>
    </label>
  );
}

export const Opacity = ({ value, onChange }: { value: number; onChange(v: number): void }) => (
  <Slider label="opacity" unit=" %" value={Math.round(100 * value)} least={0} most={100} step={5} onChange={(v) => onChange(v / 100)} />
);

export const Smooth = ({ value, onChange }: { value: number; onChange(v: number): void }) => (
  <NumberInput label="smooth" unit="px" value={value} least={0} most={100} step={0.5} onChange={(v) => onChange(Math.max(0, Math.min(100, v)))} />
);

// Colours from the lowest to the highest value.
export function Ramp({ colours, low, high }: { colours: Uint8Array; low: string; high: string }) {
  const draw = (canvas: HTMLCanvasElement | null) => {
    const context = canvas?.getContext('2d');
    const image = context?.createImageData(255, 1);
    if (!context || !image) return;
    image.data.set(colours.subarray(4));
    context.putImageData(image, 0, 0);
  };
  return (
    <div class="overlay-ramp">
      <span class="dim number">{low}</span>
      <canvas width={255} height={1} ref={draw} />
      <span class="dim number">{high}</span>
    </div>
  );
}
