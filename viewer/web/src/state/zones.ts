// Named zones of an image, shared by the drawing tools, the time courses, chains and sessions. They are kept as they lie
// in their space (places.ts), and are seen in the pixels of the recording that is looked at.

import { computed, signal } from '@preact/signals';
import type { Recording, Zone, ZoneShape } from '../api/types';
import { shapeKey } from '../zones/geometry';
import { mapZone } from '../zones/placing';
import type { Mask } from './movie';
import { currentPlace, inverse, placeOf, type Place } from './places';

// By space, in its coordinates.
export const allZones = signal<Readonly<Record<string, Zone[]>>>({});

const seenIn = (place: Place) => (allZones.value[place.space] ?? []).map((z) => mapZone(place.from, z));

export const zones = computed<Zone[]>(() => seenIn(currentPlace.value));
export const zonesOf = (r: Recording) => seenIn(placeOf(r));
// As they lie in the files that are open: what sessions keep.
export const homeZones = () => allZones.value[''] ?? [];

// All at once, in the pixels of the recording that is looked at. What has kept its shape stays where it lies.
export function setZones(list: Zone[]) {
  const { space, from } = currentPlace.peek();
  const back = inverse(from);
  const before = new Map((allZones.peek()[space] ?? []).map((z) => [z.name, z]));
  const home = (z: Zone): Zone => {
    const was = before.get(z.name);
    const isSame = was !== undefined && shapeKey(mapZone(from, was)) === shapeKey(z);
    return isSame ? { ...was, ...(z.colour !== undefined && { colour: z.colour }) } : mapZone(back, z);
  };
  allZones.value = { ...allZones.peek(), [space]: list.map(home) };
}

export const chosenZone = signal(''); // name
export const hiddenZones = signal<ReadonlySet<string>>(new Set<string>()); // names
export const isMembersShown = signal(true); // outlines of the exact pixels
export const isMasked = signal(false); // nothing but the pixels that `maskKeep` says is shown of the image
export const maskKeep = signal<Mask['keep']>('inside');

export const chosen = computed<Zone | null>(() => zones.value.find((z) => z.name === chosenZone.value) ?? null);
export const shownZones = computed(() => zones.value.filter((z) => !hiddenZones.value.has(z.name)));

// Far apart in hue and about equally strong on dark and on bright images.
const palette = ['#2dd4bf', '#f59e0b', '#60a5fa', '#f472b6', '#a3e635', '#c084fc', '#fb7185', '#22d3ee', '#eab308', '#4ade80'];

export const colourOf = (zone: Zone) => zone.colour ?? palette[0] ?? '#2dd4bf';

export function freshColour(): string {
  const used = zones.value.map(colourOf);
  const count = (c: string) => used.filter((u) => u === c).length;
  return palette.reduce((best, c) => (count(c) < count(best) ? c : best));
}

function freshName(start: string): string {
  const taken = new Set(zones.value.map((z) => z.name));
  let i = 1;
  while (taken.has(`${start} ${i}`)) i++;
  return `${start} ${i}`;
}

export function addZone(zone: Omit<Zone, 'name' | 'colour'> & { shape: ZoneShape }): Zone {
  const made: Zone = { name: freshName(zone.shape), ...zone, colour: freshColour() };
  setZones([...zones.value, made]);
  chosenZone.value = made.name;
  return made;
}

export function replaceZone(name: string, zone: Zone) {
  setZones(zones.value.map((z) => (z.name === name ? zone : z)));
}

export function removeZone(name: string) {
  const at = zones.value.findIndex((z) => z.name === name);
  setZones(zones.value.filter((z) => z.name !== name));
  setHidden(name, false);
  if (chosenZone.value === name) chosenZone.value = zones.value[Math.min(at, zones.value.length - 1)]?.name ?? '';
}

// False if the name is empty, too long, or another zone's.
export function renameZone(from: string, to: string): boolean {
  const zone = zones.value.find((z) => z.name === from);
  if (from === to) return true;
  if (!zone || to === '' || new TextEncoder().encode(to).length > 100 || zones.value.some((z) => z.name === to)) return false;
  const wasHidden = hiddenZones.value.has(from);
  const wasChosen = chosenZone.value === from;
  setHidden(from, false);
  replaceZone(from, { ...zone, name: to });
  setHidden(to, wasHidden);
  if (wasChosen) chosenZone.value = to;
  return true;
}

export function setHidden(name: string, isHidden: boolean) {
  if (hiddenZones.value.has(name) === isHidden) return;
  const next = new Set(hiddenZones.value);
  if (isHidden) next.add(name);
  else next.delete(name);
  hiddenZones.value = next;
}
