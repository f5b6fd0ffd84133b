// The mask of all zones that are shown: seen on the image, and as a step of the chain.

import { maskBy } from '../chains/zone_steps';
import type { Mask } from '../state/movie';
import { isMasked, maskKeep, shownZones } from '../state/zones';
import { memberCounts } from './members';

const help = 'Blanks the other pixels of the image, as the step mask does. Contrast, histogram and other numbers stay those of all pixels.';

export function MaskRow() {
  const list = shownZones.value.filter((z) => memberCounts.value.get(z.name) !== 0); // the step refuses zones without a pixel
  return (
    <div class="row zone-mask">
      <label title={help}>
        <input type="checkbox" checked={isMasked.value} onChange={(e) => (isMasked.value = e.currentTarget.checked)} /> show only
      </label>
      <select value={maskKeep.value} aria-label="Which pixels to keep" title="Of the shown zones together" onChange={(e) => (maskKeep.value = e.currentTarget.value as Mask['keep'])}>
        <option>inside</option>
        <option>outside</option>
      </select>
      <span class="grow" />
      <button type="button" disabled={list.length === 0} title="Appends the step mask with all shown zones to the chain" onClick={() => maskBy(list, 'shown-zones', maskKeep.value)}>
        Append mask
      </button>
    </div>
  );
}
