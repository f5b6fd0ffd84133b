// Lines to look along: the row or column of the cross of the profiles, or a drawn line.

import type { ChainStep, Recording } from '../api/types';
import { movieView } from '../state/movie';
import { zones } from '../state/zones';

// Steps that look at one value per pixel come behind this.
export const grey = (recording: Recording): ChainStep[] => (recording.n_colours > 1 ? [{ step: 'grey', params: {} }] : []);

export function linesOf(): [string, string][] {
  const drawn = zones.value.filter((z) => z.shape === 'line' || z.shape === 'polyline');
  return [['horizontal', 'row of the cross'], ['vertical', 'column of the cross'], ...drawn.map((z): [string, string] => [`zone:${z.name}`, z.name])];
}

export const firstLine = () => linesOf()[2]?.[0] ?? 'horizontal';

export const zoneOfLine = (line: string) => (line.startsWith('zone:') ? line.slice('zone:'.length) : '');

export function lineParams(recording: Recording, line: string): Record<string, string> {
  const cross = movieView(recording).cross.value;
  if (line === 'horizontal') return { axis: 'horizontal', y: String(Math.round(cross.y)) };
  if (line === 'vertical') return { axis: 'vertical', x: String(Math.round(cross.x)) };
  return { axis: 'line', zones: '@zones.json', zone: zoneOfLine(line) };
}

// The chosen line if it is still there.
export const validLine = (line: string) => (linesOf().some(([v]) => v === line) ? line : firstLine());
