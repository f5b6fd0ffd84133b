// Changes of the settings.

import type { Recording } from '../api/types';
import { movieView } from '../state/movie';
import type { OverlayName, OverlaySettings } from '../state/overlays';

export function change<N extends OverlayName>(r: Recording, name: N, by: Partial<OverlaySettings[N]>) {
  const { overlays } = movieView(r);
  overlays.value = { ...overlays.value, [name]: { ...overlays.value[name], ...by } };
}

const relief = 16; // px of the screen between the darkest and the brightest value

// A height factor that gives the contrast shown a relief to be seen.
export function fittedHeight(r: Recording): number {
  const { contrast, viewport } = movieView(r);
  const { low, high } = contrast.peek();
  return high > low ? Number((relief / viewport.peek().scale / (high - low)).toPrecision(2)) : 1;
}

export function toggle(r: Recording, name: OverlayName) {
  const settings = movieView(r).overlays.value;
  if (name === 'hillshade' && settings.hillshade.z === 0) change(r, 'hillshade', { z: fittedHeight(r) });
  change(r, name, { isOn: !settings[name].isOn });
}
