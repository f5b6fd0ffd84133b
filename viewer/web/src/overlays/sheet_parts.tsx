// Hillshade and drainage in the panel.

import { NumberInput } from '../chains/analysis';
import type { Recording } from '../api/types';
import { numberText } from '../shell/texts';
import { movieView } from '../state/movie';
import { Opacity, Part, Ramp, Slider, Smooth } from './fields';
import { live } from './results';
import { isWhole, regionOf, regionText } from './region';
import { change, fittedHeight } from './settings';
import { drainageSteps, greys, hillshadeSteps, waters } from './sheets';

export function HillshadePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const settings = view.overlays.value.hillshade;
  return (
    <Part recording={r} name="hillshade" title="Hillshade" keyName="S" steps={() => hillshadeSteps(r, settings)}>
      <Opacity value={settings.opacity} onChange={(opacity) => change(r, 'hillshade', { opacity })} />
      <Slider label="azimuth" unit="°" value={settings.azimuth} least={0} most={360} step={5} onChange={(azimuth) => change(r, 'hillshade', { azimuth })} />
      <Slider label="elevation" unit="°" value={settings.elevation} least={0} most={90} step={1} onChange={(elevation) => change(r, 'hillshade', { elevation })} />
      <div class="row">
        <NumberInput label="height" unit="px per grey level" value={settings.z} least={0} step={settings.z / 10 || 0.1} onChange={(z) => z > 0 && change(r, 'hillshade', { z })} />
        <button type="button" title="The contrast shown becomes as high as 16 pixels of the screen" onClick={() => change(r, 'hillshade', { z: fittedHeight(r) })}>
          Fit
        </button>
      </div>
      <Smooth value={settings.smooth} onChange={(smooth) => change(r, 'hillshade', { smooth })} />
      <Ramp colours={greys} low="shadow 0" high="1 facing the light" />
      <p class="dim">Values as heights, lit from the azimuth (0° is the top). Computed from {regionText(r, regionOf(r, view.viewport.value))}.</p>
    </Part>
  );
}

export function DrainagePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const settings = view.overlays.value.drainage;
  const region = regionOf(r, view.viewport.value);
  const high = live.drainage.shown.value?.value.high;
  const most = high === undefined ? NaN : settings.isLog ? 10 ** high : high;
  return (
    <Part recording={r} name="drainage" title="Drainage" keyName="D" steps={() => drainageSteps(r, settings)}>
      <Opacity value={settings.opacity} onChange={(opacity) => change(r, 'drainage', { opacity })} />
      <Smooth value={settings.smooth} onChange={(smooth) => change(r, 'drainage', { smooth })} />
      <label class="check">
        <input type="checkbox" checked={settings.isLog} onChange={(e) => change(r, 'drainage', { isLog: e.currentTarget.checked })} /> logarithmic
      </label>
      <Ramp colours={waters} low="1 px" high={`${numberText(Math.round(most))} px`} />
      <p class="dim">
        How many pixels drain through each, with values as heights. Computed from {regionText(r, region)}
        {isWhole(r, region) ? '' : ': what flows in from outside does not count'}.
      </p>
    </Part>
  );
}
