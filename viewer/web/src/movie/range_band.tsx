// The lower storey of the timeline: a band over the frames that are reduced, subtracted, explored.

import { useRef } from 'preact/hooks';
import type { Recording } from '../api/types';
import { DrawnCanvas } from '../plot/drawn';
import { css, cssFaint } from '../plot/theme_colours';
import { movieView } from '../state/movie';
import { frameWidth, timeAxis, toFrame, toX } from './time_axis';

type Grip = 'first' | 'last' | 'both';

export function RangeBand({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const grip = useRef<{ what: Grip; frame: number; range: [number, number] } | null>(null);

  const edges = (width: number) => {
    const axis = timeAxis(view, width);
    const half = frameWidth(axis) / 2;
    const [first, last] = view.range.value;
    const bound = (x: number) => Math.max(axis.left, Math.min(axis.left + axis.width, x));
    // Handles are where the range ends; not at the end of what is shown.
    return { axis, left: bound(toX(axis, first) - half), right: bound(toX(axis, last) + half), hasLeft: first >= axis.first && first <= axis.last, hasRight: last >= axis.first && last <= axis.last };
  };

  const draw = (c: CanvasRenderingContext2D, width: number, height: number) => {
    const { axis, left, right, hasLeft, hasRight } = edges(width);
    c.fillStyle = css('--paper-3');
    c.fillRect(axis.left, 4, axis.width, height - 8);
    c.fillStyle = cssFaint('--range', 0.28);
    c.fillRect(left, 4, right - left, height - 8);
    c.fillStyle = css('--range');
    if (hasLeft) c.fillRect(left - 3, 1, 6, height - 2);
    if (hasRight) c.fillRect(right - 3, 1, 6, height - 2);
    c.textBaseline = 'middle';
    c.textAlign = 'right';
    c.fillStyle = css('--ink-2');
    c.fillText('range', axis.left - 6, height / 2);
    const [first, last] = view.range.value;
    const count = last - first + 1;
    const text = `${first} to ${last}: ${count} frame${count === 1 ? '' : 's'}${r.rate_hz ? `, ${Number((count / r.rate_hz).toPrecision(4))} s` : ''}`;
    if (right - left > c.measureText(text).width + 20) {
      c.textAlign = 'center';
      c.fillStyle = css('--ink');
      c.fillText(text, (left + right) / 2, height / 2);
    }
  };

  const gripAt = (x: number, width: number): Grip | null => {
    const { left, right, hasLeft, hasRight } = edges(width);
    const toLeft = hasLeft ? Math.abs(x - left) : Infinity;
    const toRight = hasRight ? Math.abs(x - right) : Infinity;
    if (Math.min(toLeft, toRight) <= 7) return toLeft < toRight ? 'first' : 'last';
    return x > left && x < right ? 'both' : null;
  };

  const down = (event: PointerEvent) => {
    const element = event.currentTarget as HTMLElement;
    const x = event.clientX - element.getBoundingClientRect().left;
    const what = gripAt(x, element.clientWidth);
    if (!what || event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    grip.current = { what, frame: toFrame(timeAxis(view, element.clientWidth), x), range: view.range.peek() };
  };

  const move = (event: PointerEvent) => {
    const element = event.currentTarget as HTMLElement;
    const x = event.clientX - element.getBoundingClientRect().left;
    const held = grip.current;
    const what = held?.what ?? gripAt(x, element.clientWidth);
    element.style.cursor = what === null ? 'default' : what === 'both' ? 'grab' : 'ew-resize';
    if (!held) return;
    const frame = toFrame(timeAxis(view, element.clientWidth), x);
    const [first, last] = held.range;
    const most = r.n_times - 1;
    if (held.what === 'first') view.range.value = [Math.max(0, Math.min(last, frame)), last];
    else if (held.what === 'last') view.range.value = [first, Math.max(first, Math.min(most, frame))];
    else {
      const by = Math.max(-first, Math.min(most - last, frame - held.frame));
      view.range.value = [first + by, last + by];
    }
  };

  return (
    <DrawnCanvas
      class="timeline-range"
      draw={draw}
      label="Range of frames"
      title="Drag the handles or the band (or [ and ] at the frame shown); double click (a) for all frames"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => (grip.current = null)}
      onDblClick={() => (view.range.value = [0, Math.max(0, r.n_times - 1)])}
    />
  );
}
