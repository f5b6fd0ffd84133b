// The whole recording: the chosen channel, where events lie, what is marked, and the stretch on the screen as a band that can be dragged.

import { effect, signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { api } from '../api/client';
import type { Recording } from '../api/types';
import { DrawnCanvas } from '../plot/drawn';
import { css, cssFaint } from '../plot/theme_colours';
import { tell } from '../state/app';
import { signalView } from '../state/signals';
import { drawMarked, type Span } from './event_marks';
import { eventsOf } from './events';
import { feedOf } from './tiles';
import { timeText } from './times';
import { rateOf, showStretch } from './view_actions';

const columns = 1000;
const densityHeight = 12;

interface Envelope {
  channel: number;
  pairs: Float32Array; // lowest, highest
}

// Of the chosen channel; again while the server's overview grows.
function followEnvelope(r: Recording, envelope: { value: Envelope | null }): () => void {
  let request = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const fetchNow = (channel: number) => {
    request.abort();
    request = new AbortController();
    const n = Math.min(columns, r.n_times);
    tell(
      api.traces(r.id, String(channel), 0, r.n_times, n, request.signal).then((a) => {
        const pairs = a.layout === 'minmax' ? a.values : Float32Array.from({ length: 2 * a.columns }, (_, i) => a.values[i >> 1] ?? NaN);
        envelope.value = { channel, pairs };
      }),
    );
  };
  const stop = effect(() => {
    const channel = signalView(r).chosen.value;
    void feedOf(r).built.value;
    clearTimeout(timer);
    timer = setTimeout(() => fetchNow(channel), envelope.value?.channel === channel ? 700 : 60);
  });
  return () => {
    stop();
    clearTimeout(timer);
    request.abort();
  };
}

function drawEnvelope(c: CanvasRenderingContext2D, pairs: Float32Array, width: number, top: number, height: number) {
  let low = Infinity;
  let high = -Infinity;
  for (const v of pairs) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!(high >= low)) return;
  const scale = (height - 4) / Math.max(1e-30, high - low);
  const n = pairs.length / 2;
  c.fillStyle = css('--ink-2');
  for (let i = 0; i < n; i++) {
    const a = pairs[2 * i] as number;
    const b = pairs[2 * i + 1] as number;
    if (Number.isNaN(a)) continue;
    c.fillRect((i * width) / n, top + 2 + (high - b) * scale, Math.max(1, width / n), Math.max(1, (b - a) * scale));
  }
}

// How many events lie under each column of three pixels, by the strength of its colour.
function drawDensity(c: CanvasRenderingContext2D, r: Recording, duration: number, width: number) {
  const bins = Math.max(1, Math.floor(width / 3));
  for (const label of [...eventsOf(r).labels].reverse().slice(-6)) {
    const counts = new Uint32Array(bins);
    let most = 0;
    for (const onset of label.onsets) {
      const i = Math.min(bins - 1, Math.max(0, Math.floor((onset / duration) * bins)));
      counts[i] = (counts[i] as number) + 1;
      most = Math.max(most, counts[i] as number);
    }
    c.fillStyle = css(label.colour);
    counts.forEach((n, i) => {
      if (n === 0) return;
      c.globalAlpha = 0.25 + (0.75 * n) / Math.max(1, most);
      c.fillRect((i * width) / bins, 1, width / bins, densityHeight - 3);
    });
  }
  c.globalAlpha = 1;
}

export function Overview({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const envelope = useMemo(() => signal<Envelope | null>(null), [r.id]);
  const grab = useRef(0);
  useEffect(() => followEnvelope(r, envelope), [r.id]);
  const duration = r.n_times / rateOf(r);

  const draw = (c: CanvasRenderingContext2D, width: number, height: number) => {
    const span: Span = { first_s: 0, last_s: duration, width };
    drawDensity(c, r, duration, width);
    if (envelope.value) drawEnvelope(c, envelope.value.pairs, width, densityHeight, height - densityHeight);
    drawMarked(c, r, span, height, null);
    const left = (view.first.value / r.n_times) * width;
    const wide = Math.max(3, (view.count.value / r.n_times) * width);
    c.fillStyle = cssFaint('--range', 0.13);
    c.fillRect(left, 0, wide, height);
    c.strokeStyle = css('--range');
    c.strokeRect(Math.round(left) + 0.5, 0.5, Math.round(wide), height - 1);
  };

  const shareAt = (event: PointerEvent) => {
    const rect = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return (event.clientX - rect.left) / Math.max(1, rect.width);
  };
  // The band is dragged by where it was taken; a click beside it brings it there.
  const down = (event: PointerEvent) => {
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    const at = shareAt(event) * r.n_times;
    const isInside = at >= view.first.value && at <= view.first.value + view.count.value;
    grab.current = isInside ? at - view.first.value : view.count.value / 2;
    showStretch(r, at - grab.current, view.count.value);
  };
  const move = (event: PointerEvent) => {
    if (event.buttons & 1) showStretch(r, shareAt(event) * r.n_times - grab.current, view.count.value);
  };
  return (
    <>
      <span class="signal-corner dim" title="Chosen channel over the whole recording; events above it">
        {r.channels[view.chosen.value]?.name}
        <br />
        0 to {timeText(duration, duration < 120 ? 0.1 : 1, duration >= 120)}
        {duration < 120 ? ' s' : ''}
      </span>
      <DrawnCanvas class="signal-overview" draw={draw} label="Whole recording" onPointerDown={down} onPointerMove={move} />
    </>
  );
}
