// What is under the pointer: frame, time, place, value, colour.

import type { Frame, Recording } from '../api/types';
import type { Point } from '../image/tool';
import { numberText } from '../shell/texts';
import { movieView, type MovieView } from '../state/movie';
import { displayOf } from './display';
import { placeIn } from './profiles';
import { timeOf } from './times';

// The most detailed frame there is that has this pixel.
function frameAt(view: MovieView, p: Point): Frame | null {
  const frames = [view.sharp.value, view.shown.value];
  return frames.find((frame) => frame && placeIn(frame, p.x, p.y) >= 0) ?? null;
}

// The numbers of one pixel, one for each colour.
export function pixelValues(view: MovieView, p: Point): number[] {
  const frame = frameAt(view, p);
  if (!frame) return [];
  const at = placeIn(frame, p.x, p.y);
  return Array.from(frame.values.subarray(at, at + frame.n_colours));
}

export const valueText = (values: number[]) => values.map((v) => (Number.isNaN(v) ? 'NaN' : numberText(v, 7))).join(' ') || '–';

// The place where the probe reads: under the pointer, else where the lines cross.
const placeOf = (view: MovieView): Point => view.probe.value ?? view.cross.value;

export function probeText(r: Recording, view: MovieView): string {
  const p = placeOf(view);
  const time = timeOf(r, view.shownFrame.value);
  const where = view.reduced.value !== '' ? view.reduced.value : `frame ${view.shownFrame.value}${time === null ? '' : `\ttime ${numberText(time)} s`}`;
  return `${where}\tx ${p.x}\ty ${p.y}\tvalue ${valueText(pixelValues(view, p))}`;
}

function swatchOf(view: MovieView, colours: Uint8Array, values: number[]): string {
  const { low, high } = view.contrast.value;
  const gain = high > low ? 256 / (high - low) : 1e30;
  const place = values.map((v) => Math.max(0, Math.min(255, Math.floor((v - low) * gain))));
  const rgb = values.length >= 3 ? place.slice(0, 3) : [0, 1, 2].map((c) => colours[3 * (place[0] ?? 0) + c] ?? 0);
  return values.some(Number.isNaN) || values.length === 0 ? 'transparent' : `rgb(${rgb.join(',')})`;
}

export function ProbeBox({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const p = placeOf(view);
  const values = pixelValues(view, p);
  const frame = view.shownFrame.value;
  const time = timeOf(r, frame);
  const colours = displayOf(r).pictures.value[0]?.colours ?? new Uint8Array(768);
  const um = view.unit.value === 'um' && r.pixel_width_um !== null && r.pixel_height_um !== null;
  const isCoarse = (frameAt(view, p)?.level ?? 0) > 0;
  return (
    <div class="probe number" title="Ctrl+C copies this line">
      <div>
        {view.reduced.value !== '' ? (
          <span>{view.reduced.value}</span>
        ) : (
          <>
            <b>{Math.max(0, frame)}</b>
            <span class="dim"> / {r.n_times - 1}</span>
          </>
        )}
      </div>
      {view.reduced.value === '' && time !== null && <div>{`${time.toFixed(3)} s`}</div>}
      <div>
        <span class="dim">x</span> {p.x} <span class="dim">y</span> {p.y}
        {view.probe.value === null && <span class="dim"> cross</span>}
      </div>
      {um && (
        <div class="dim">
          {numberText(p.x * (r.pixel_width_um ?? 1), 5)}, {numberText(p.y * (r.pixel_height_um ?? 1), 5)} µm
        </div>
      )}
      <div class="probe-value">
        <span class="swatch" style={{ background: swatchOf(view, colours, values) }} />
        <b title={isCoarse ? 'Mean of some pixels; exact when you zoom in' : ''}>
          {isCoarse && '≈ '}
          {valueText(values)}
        </b>
      </div>
    </div>
  );
}
