// The timeline: curves with the frame's cursor above, the band of the range below.

import { computed, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Recording } from '../api/types';
import { DrawnCanvas } from '../plot/drawn';
import { css } from '../plot/theme_colours';
import { goTo, movieView, type MovieView } from '../state/movie';
import { RangeBand } from './range_band';
import { scanOf, type Scan } from './scan';
import { timeAxis, toFrame, toX, zoomTime } from './time_axis';
import { timelineCurves, timelineMarks, type TimelineCurve } from './timeline_curves';
import { drawFollowing, drawResting } from './timeline_draw';
import { clockOf } from './times';

const columnOf = (scan: Scan, i: number) => Float64Array.from({ length: scan.values.length / 4 }, (_, frame) => scan.values[4 * frame + i] as number);

function useScanCurves(r: Recording) {
  return useMemo(
    () =>
      computed(() => {
        const scan = scanOf(r).value;
        return scan && { done: scan.done, low: columnOf(scan, 0), high: columnOf(scan, 1), mean: columnOf(scan, 2) };
      }),
    [r.id],
  );
}

// Turns of the wheel as whole frames: trackpads send many small ones.
function useWheel(r: Recording, view: MovieView) {
  const rest = useRef(0);
  return (event: WheelEvent) => {
    event.preventDefault();
    const rect = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const lines = event.deltaMode === 1 ? event.deltaY : event.deltaY / 40;
    if (event.ctrlKey || event.metaKey) {
      zoomTime(view, r.n_times, toFrame(timeAxis(view, rect.width), event.clientX - rect.left), Math.exp(-lines / 6));
      return;
    }
    rest.current += lines / (event.deltaMode === 1 ? 1 : 2.5);
    const whole = Math.trunc(rest.current);
    rest.current -= whole;
    if (whole !== 0) goTo(r, view.frame.peek() + whole);
  };
}

export function Timeline({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const scan = useScanCurves(r);
  const isBandShown = useSignal(true);
  const wheel = useWheel(r, view);
  const curves = useMemo(
    () =>
      computed<TimelineCurve[]>(() => {
        const mean = scan.value?.mean;
        return [...(mean ? [{ id: 'mean', label: 'mean', colour: css('--ink-2'), values: mean, unit: '' }] : []), ...timelineCurves.value];
      }),
    [r.id],
  );
  const rest = (context: CanvasRenderingContext2D, width: number, height: number) =>
    drawResting(
      context,
      {
        axis: timeAxis(view, width),
        curves: curves.value,
        band: isBandShown.value ? scan.value : null,
        marks: timelineMarks.value,
        range: view.range.value,
        clock: clockOf(r),
        scanned: scan.value ? scan.value.done / r.n_times : 0,
      },
      height,
    );
  const follow = (context: CanvasRenderingContext2D, width: number, height: number) => drawFollowing(context, timeAxis(view, width), curves.value, view.frame.value, height);
  const scrub = (event: PointerEvent) => {
    const element = event.currentTarget as HTMLElement;
    const axis = timeAxis(view, element.clientWidth);
    const x = event.clientX - element.getBoundingClientRect().left;
    if (event.type === 'pointerdown' && event.button === 0) element.setPointerCapture(event.pointerId);
    if (event.buttons & 1) goTo(r, Math.max(axis.first, Math.min(axis.last, toFrame(axis, x))));
    const near = timelineMarks.value.find((mark) => Math.abs(toX(axis, mark.frame) - x) <= 4);
    element.title = near ? `Frame ${near.frame}: ${near.title}` : '';
  };
  return (
    <div class="timeline" onWheel={wheel}>
      <DrawnCanvas class="timeline-curves" draw={rest} />
      <DrawnCanvas
        class="timeline-curves is-over"
        draw={follow}
        label="Timeline"
        onPointerDown={scrub}
        onPointerMove={scrub}
        onDblClick={() => (view.timeWindow.value = [0, Math.max(0, r.n_times - 1)])}
      />
      <button
        type="button"
        class="quiet band-button"
        aria-pressed={isBandShown.value}
        title="Lowest and highest value of each frame (axis at the right)"
        onClick={() => (isBandShown.value = !isBandShown.value)}
      >
        min–max
      </button>
      <RangeBand recording={r} />
    </div>
  );
}
