// Steps made from zones and by buttons.

import type { Recording, Zone } from '../api/types';
import { activePanel } from '../shell/panels';
import { notify } from '../state/app';
import { appendSteps, keepFile, type ChainEntry } from '../state/chain';
import type { Mask } from '../state/movie';
import { zonesFile } from '../zones/file';
import { pixelBox } from '../zones/geometry';

export function append(...added: ChainEntry[]) {
  appendSteps(...added);
  activePanel.value = { ...activePanel.value, movie: 'chain' };
}

export function cropTo(recording: Recording, zone: Zone) {
  const box = pixelBox(zone, recording.width, recording.height);
  if (!box) return notify(`Zone "${zone.name}" holds no pixel of the image.`, 'error');
  append({ step: 'crop', params: { x: String(box.x), y: String(box.y), width: String(box.width), height: String(box.height) } });
}

// The zones as they are now; `name` is that of their file.
export function maskBy(list: Zone[], name: string, keep: Mask['keep'] = 'inside') {
  const params = { zones: keepFile(`${name}.json`, zonesFile(list)) };
  append({ step: 'mask', params: keep === 'inside' ? params : { ...params, keep } });
}

export const turns: { title: string; help: string; entry: ChainEntry }[] = [
  { title: 'Flip ↔', help: 'Left and right change places', entry: { step: 'flip', params: { axis: 'x' } } },
  { title: 'Flip ↕', help: 'Top and bottom change places', entry: { step: 'flip', params: { axis: 'y' } } },
  { title: 'Transpose', help: 'Rows become columns', entry: { step: 'flip', params: { axis: 'diagonal' } } },
  { title: 'Rotate 90°', help: 'A quarter turn clockwise', entry: { step: 'rotate', params: { angle: '90' } } },
];
