// Start, brightest point and end along the line, in the frame shown.

import { toScreen, type Viewport } from '../image/tool';
import { current } from '../state/app';
import { movieView } from '../state/movie';
import { eventColours, eventsAt, type EventLines, type Place } from './event_lines';
import { live } from './results';

const leastHalf = 12; // CSS pixels of a mark on each side of the line

function across(v: Viewport, place: Place, width: number): string {
  const at = toScreen(v, place);
  const half = Math.max(leastHalf, (width + 0.5) * v.scale);
  const [x, y] = [-place.dy * half, place.dx * half];
  return `M${at.x - x} ${at.y - y}L${at.x + x} ${at.y + y}`;
}

const along = (v: Viewport, { path }: EventLines) => path.map((p, i) => `${i === 0 ? 'M' : 'L'}${toScreen(v, p).x} ${toScreen(v, p).y}`).join('');

export function EventOverlay({ viewport: v }: { viewport: Viewport }) {
  const found = live.events.shown.value?.value;
  const r = current.value;
  if (!found || !r || r.kind !== 'movie') return null;
  const view = movieView(r);
  if (view.reduced.value !== '') return null;
  const frame = view.shownFrame.value;
  return (
    <g class="event-lines" data-frame={frame}>
      <path class="event-path" d={along(v, found)} />
      {eventsAt(found, frame).map(({ name, sample, place }) => (
        <g key={name} data-event={name} data-sample={sample} data-at={`${place.x} ${place.y}`}>
          <path class="event-back" d={across(v, place, found.width)} />
          <path class="event-mark" d={across(v, place, found.width)} style={{ stroke: eventColours[name] }} />
          <title>{`${name}: sample ${sample} of the line`}</title>
        </g>
      ))}
    </g>
  );
}
