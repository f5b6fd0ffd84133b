// The zones file of the command line, read and written.

import type { Zone, ZoneShape } from '../api/types';
import { loadText, saveJson } from '../export/save';
import { notify } from '../state/app';
import { chosenZone, freshColour, setZones, zones } from '../state/zones';
import { forFile } from './geometry';

const shapes: ZoneShape[] = ['rectangle', 'ellipse', 'polygon', 'pixel', 'line', 'polyline'];

const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v);
const isPoint = (v: unknown): v is [number, number] => Array.isArray(v) && v.length === 2 && v.every(isNumber);

function checked(value: unknown, i: number): Zone {
  const z = value as Partial<Zone>;
  if (typeof value !== 'object' || value === null || typeof z.name !== 'string' || z.name === '') throw new Error(`Zone ${i + 1} needs a name.`);
  if (!z.shape || !shapes.includes(z.shape)) throw new Error(`The shape of zone "${z.name}" must be one of ${shapes.join(', ')}.`);
  const hasPoints = Array.isArray(z.points) && z.points.every(isPoint);
  const hasPlace = isNumber(z.x) && isNumber(z.y);
  const hasSize = isNumber(z.width) && isNumber(z.height);
  const isBox = z.shape === 'rectangle' || z.shape === 'ellipse';
  if (isBox ? !(hasPlace && hasSize) : !(hasPoints || (z.shape === 'pixel' && hasPlace)))
    throw new Error(`Zone "${z.name}" needs ${isBox ? 'x, y, width and height' : 'points as [[x, y], ...]'}.`);
  return forFile({ ...(z as Zone), ...(typeof z.colour === 'string' && /^#[0-9a-f]{6}$/i.test(z.colour) ? {} : { colour: '' }) });
}

export function readZones(value: unknown): Zone[] {
  const list: unknown = Array.isArray(value) ? value : (value as { zones?: unknown } | null)?.zones;
  if (!Array.isArray(list)) throw new Error('A zones file is a list of zones, or an object with such a list as "zones".');
  const made = list.map(checked);
  const names = new Set(made.map((z) => z.name));
  if (names.size < made.length) throw new Error('Two zones have the same name.');
  return made;
}

// With those of the same name replaced.
export function mergeZones(added: Zone[]) {
  const names = new Set(added.map((z) => z.name));
  setZones(zones.value.filter((z) => !names.has(z.name)));
  for (const z of added) setZones([...zones.value, { ...z, colour: z.colour || freshColour() }]);
  chosenZone.value = added[0]?.name ?? '';
}

export function loadZones() {
  loadText('.json,application/json', (text, name) => {
    try {
      mergeZones(readZones(JSON.parse(text)));
    } catch (e) {
      notify(`${name}: ${e instanceof Error ? e.message : String(e)}`, 'error');
    }
  });
}

export const zonesFile = (list: Zone[]) => ({ zones: list.map(forFile) });

export const saveZones = () => saveJson(zonesFile(zones.value), 'zones.json');
