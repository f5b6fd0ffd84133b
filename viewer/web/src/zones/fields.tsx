// The numbers of the chosen zone, to be typed.

import type { Zone } from '../api/types';
import { replaceZone } from '../state/zones';
import { hasBox, pointsOf, withoutPoint } from './geometry';

interface NumberFieldProps {
  label: string;
  unit: string;
  value: number;
  least?: number;
  step?: number;
  onChange(value: number): void;
}

function NumberField({ label, unit, value, least, step, onChange }: NumberFieldProps) {
  return (
    <label class="zone-field">
      <span class="dim">{label}</span>
      <input
        type="number"
        class="number"
        value={value}
        min={least}
        step={step ?? 1}
        aria-label={`${label} (${unit})`}
        onChange={(e) => {
          const typed = e.currentTarget.valueAsNumber;
          if (Number.isFinite(typed) && (least === undefined || typed >= least)) onChange(typed);
          else e.currentTarget.value = String(value);
        }}
      />
      <span class="dim">{unit}</span>
    </label>
  );
}

function BoxFields({ zone }: { zone: Zone }) {
  const set = (part: Partial<Zone>) => replaceZone(zone.name, { ...zone, ...part });
  const least = zone.shape === 'ellipse' ? 0.01 : 0;
  return (
    <div class="zone-fields">
      <NumberField label="x" unit="px" value={zone.x ?? 0} onChange={(x) => set({ x })} />
      <NumberField label="y" unit="px" value={zone.y ?? 0} onChange={(y) => set({ y })} />
      <NumberField label="width" unit="px" value={zone.width ?? 0} least={least} onChange={(width) => set({ width })} />
      <NumberField label="height" unit="px" value={zone.height ?? 0} least={least} onChange={(height) => set({ height })} />
      <NumberField label="angle" unit="°" value={zone.angle ?? 0} onChange={(angle) => set({ angle })} />
    </div>
  );
}

function PointFields({ zone }: { zone: Zone }) {
  const points = pointsOf(zone);
  const set = (i: number, axis: 0 | 1, value: number) => {
    if (!zone.points) return replaceZone(zone.name, { ...zone, [axis === 0 ? 'x' : 'y']: Math.round(value) });
    const next = zone.points.map((p, k) => (k !== i ? p : ((axis === 0 ? [value, p[1]] : [p[0], value]) as [number, number])));
    replaceZone(zone.name, { ...zone, points: next });
  };
  const step = zone.shape === 'pixel' ? 1 : 0.1;
  return (
    <div class="zone-points">
      {points.map((p, i) => {
        const rest = zone.shape === 'pixel' ? null : withoutPoint(zone, i);
        return (
          <div class="zone-fields" key={i}>
            <NumberField label={zone.shape === 'pixel' ? 'x' : `x${i + 1}`} unit="px" step={step} value={p.x} onChange={(v) => set(i, 0, v)} />
            <NumberField label={zone.shape === 'pixel' ? 'y' : `y${i + 1}`} unit="px" step={step} value={p.y} onChange={(v) => set(i, 1, v)} />
            {rest && (
              <button type="button" class="quiet" aria-label={`Remove corner ${i + 1}`} onClick={() => replaceZone(zone.name, rest)}>
                ×
              </button>
            )}
          </div>
        );
      })}
    </div>
  );
}

export function ZoneFields({ zone }: { zone: Zone }) {
  return hasBox(zone) ? <BoxFields zone={zone} /> : <PointFields zone={zone} />;
}
