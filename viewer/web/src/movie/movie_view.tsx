// The view of a movie: profiles that face the image, probe, timeline.

import { useEffect, useMemo } from 'preact/hooks';
import type { Recording } from '../api/types';
import { ImageView } from '../image/image_view';
import type { ImageLayer } from '../image/scene';
import { movieView } from '../state/movie';
import { displayOf, runDisplay } from './display';
import { followEnvelope } from './envelope';
import { PlayBar } from './play_bar';
import { runPlayer } from './player';
import { ProbeBox } from './probe';
import { HorizontalProfile, VerticalProfile } from './profile_views';
import { isReducing } from './reduced';
import { Timeline } from './timeline';
import { watchTimes } from './timing';

function ImagePart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const display = displayOf(r);
  const timing = useMemo(() => watchTimes(view), [r.id]);
  useEffect(() => timing.stop, [timing]);
  const drawn = (layer: ImageLayer) => timing.drawn(layer);
  return (
    <ImageView
      image={r}
      viewport={view.viewport}
      pictures={display.pictures}
      over={{ sheets: display.sheets, frame: view.shownFrame }}
      arrangement={display.arrangement}
      swipe={view.swipe}
      pixelUm={r.pixel_width_um}
      onProbe={(p) => (view.probe.value = p)}
      onDrawn={drawn}
    />
  );
}

function Corner({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  return (
    <div class="corner">
      <ProbeBox recording={r} />
      {r.pixel_width_um !== null && (
        <button type="button" class="quiet" title="Axes in pixels or micrometres" onClick={() => (view.unit.value = view.unit.value === 'px' ? 'um' : 'px')}>
          {view.unit.value === 'px' ? 'px' : 'µm'}
        </button>
      )}
    </div>
  );
}

function Waiting({ recording: r }: { recording: Recording }) {
  const display = displayOf(r);
  const text = isReducing.value ? 'reducing…' : display.references.nBusy.value > 0 ? 'computing the reference…' : movieView(r).raw.value === null ? 'reading…' : '';
  return text === '' ? null : <div class="waiting">{text}</div>;
}

export function MovieMain({ recording: r }: { recording: Recording }) {
  useEffect(() => {
    const stops = [runDisplay(r), runPlayer(r), followEnvelope(r)];
    return () => stops.forEach((stop) => stop());
  }, [r.id]);
  return (
    <div class="movie">
      <Corner recording={r} />
      <HorizontalProfile recording={r} />
      <VerticalProfile recording={r} />
      <div class="image-place">
        <ImagePart recording={r} />
        <Waiting recording={r} />
      </div>
      <div class="movie-below">
        <PlayBar recording={r} />
        {r.n_times > 1 && <Timeline recording={r} />}
      </div>
    </div>
  );
}
