// The panel "Overlays".

import type { Recording } from '../api/types';
import { isReferenceOn, movieView } from '../state/movie';
import { EventsPart, IsolinesPart } from './line_parts';
import { DrainagePart, HillshadePart } from './sheet_parts';

export function OverlaysPanel({ recording }: { recording: Recording }) {
  const { subtract, divide } = movieView(recording).live.value;
  return (
    <div class="overlays-panel">
      {(isReferenceOn(subtract) || isReferenceOn(divide)) && <p class="dim">Overlays are of the values as recorded, without what is subtracted and divided live.</p>}
      <IsolinesPart recording={recording} />
      <HillshadePart recording={recording} />
      <DrainagePart recording={recording} />
      <EventsPart recording={recording} />
    </div>
  );
}
