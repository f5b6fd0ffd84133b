// The histogram of the numbers on the screen, with the limits of the contrast to drag.

import { computed, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Recording } from '../api/types';
import { colourMap } from '../image/colour_maps';
import { DrawnCanvas } from '../plot/drawn';
import { css, cssFaint } from '../plot/theme_colours';
import { niceStep, ticks, tickText } from '../plot/ticks';
import { movieView } from '../state/movie';
import { setLimits } from './contrast';
import { displayOf } from './display';
import { histogramMarks, type HistogramMarks } from './histogram_marks';
import { histogram, type Counts } from './statistics';

const below = { bar: 12, axis: 16 };
const margin = 8;

interface ValueAxis {
  low: number;
  high: number;
  width: number;
}

const toX = (a: ValueAxis, v: number) => margin + ((v - a.low) / (a.high - a.low)) * (a.width - 2 * margin);
const toValue = (a: ValueAxis, x: number) => a.low + ((x - margin) / (a.width - 2 * margin)) * (a.high - a.low);

// Counted when the numbers have rested for a moment, and now and then while they change.
function useHistogram(r: Recording) {
  const view = movieView(r);
  const counts = useSignal<Counts | null>(null);
  useEffect(() => {
    let timer = 0;
    const stop = view.shown.subscribe((frame) => {
      if (timer !== 0 || !frame) return;
      timer = setTimeout(() => {
        timer = 0;
        const latest = view.shown.peek();
        counts.value = latest && histogram(latest, 256);
      }, 60);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [r.id]);
  return counts;
}

function drawCounts(c: CanvasRenderingContext2D, a: ValueAxis, h: Counts, bottom: number, isLog: boolean) {
  const size = (n: number) => (isLog ? Math.log10(1 + n) : n);
  const most = h.counts.reduce((m, n) => Math.max(m, size(n)), 0) || 1;
  c.fillStyle = cssFaint('--ink-2', 0.75);
  h.counts.forEach((n, i) => {
    if (n === 0) return;
    const x0 = toX(a, h.first + i * h.width);
    const x1 = toX(a, h.first + (i + 1) * h.width);
    const height = Math.max(1, (size(n) / most) * (bottom - 6));
    c.fillRect(x0, bottom - height, Math.max(0.75, x1 - x0), height);
  });
}

function drawBar(c: CanvasRenderingContext2D, a: ValueAxis, low: number, high: number, colours: Uint8Array, top: number) {
  const x0 = toX(a, low);
  const x1 = toX(a, high);
  for (let x = margin; x < a.width - margin; x++) {
    const place = Math.max(0, Math.min(255, Math.floor((256 * (x + 0.5 - x0)) / Math.max(1e-9, x1 - x0))));
    c.fillStyle = `rgb(${colours[3 * place]},${colours[3 * place + 1]},${colours[3 * place + 2]})`;
    c.fillRect(x, top, 1, below.bar);
  }
}

function drawLimits(c: CanvasRenderingContext2D, xs: number[], bottom: number) {
  for (const x of xs) {
    c.fillStyle = css('--mark');
    c.fillRect(Math.round(x) - 0.75, 0, 1.5, bottom + below.bar);
    c.fillRect(Math.round(x) - 3.5, bottom - 9, 7, 9);
  }
}

// Their grips are at the top, those of the limits at the bottom.
function drawMarks(c: CanvasRenderingContext2D, a: ValueAxis, { values, colours }: HistogramMarks, bottom: number) {
  values.forEach((value, i) => {
    const x = toX(a, value);
    c.fillStyle = colours[i] ?? css('--mark');
    c.fillRect(x - 0.75, 0, 1.5, bottom);
    c.beginPath();
    c.moveTo(x - 5, 0);
    c.lineTo(x + 5, 0);
    c.lineTo(x, 9);
    c.fill();
  });
}

// The mark whose grip is there; -1: none.
function markAt(x: number, y: number, a: ValueAxis, marks: HistogramMarks | null): number {
  const away = (marks?.values ?? []).map((value) => Math.abs(toX(a, value) - x));
  const nearest = Math.min(...away);
  return y < 14 && nearest <= 8 ? away.indexOf(nearest) : -1;
}

function drawAxis(c: CanvasRenderingContext2D, a: ValueAxis, y: number) {
  const step = niceStep(a.low, a.high, 4);
  c.fillStyle = css('--ink-2');
  c.textAlign = 'center';
  c.textBaseline = 'middle';
  for (const v of ticks(a.low, a.high, 4)) {
    const text = tickText(v, step);
    const half = c.measureText(text).width / 2;
    c.fillText(text, Math.max(half, Math.min(a.width - half, toX(a, v))), y);
  }
}

export function HistogramPlot({ recording: r, isLog }: { recording: Recording; isLog: boolean }) {
  const view = movieView(r);
  const counts = useHistogram(r);
  const held = useRef<'low' | 'high' | 'both' | null>(null);
  const heldMark = useRef(-1);
  const marksHere = () => (histogramMarks.value?.recording === r.id ? histogramMarks.value : null);
  const grabbed = useRef({ value: 0, low: 0, high: 0 });
  const axisFixed = useSignal<[number, number] | null>(null); // while dragging, so that nothing runs away
  const span = useMemo(
    () =>
      computed<[number, number]>(() => {
        if (axisFixed.value) return axisFixed.value;
        const { low, high } = view.contrast.value;
        const h = counts.value;
        const first = h ? Math.min(h.first, low) : low;
        const last = h ? Math.max(h.first + h.width * h.counts.length, high) : high;
        return last > first ? [first, last] : [first - 0.5, first + 0.5];
      }),
    [r.id],
  );
  const axis = (width: number): ValueAxis => ({ low: span.value[0], high: span.value[1], width });

  const draw = (c: CanvasRenderingContext2D, width: number, height: number) => {
    const a = axis(width);
    const bottom = height - below.bar - below.axis;
    const { low, high } = view.contrast.value;
    if (counts.value) drawCounts(c, a, counts.value, bottom, isLog);
    drawBar(c, a, low, high, colourMap(displayOf(r).map.value), bottom);
    drawLimits(c, [toX(a, low), toX(a, high)], bottom);
    const marks = marksHere();
    if (marks) drawMarks(c, a, marks, bottom);
    drawAxis(c, a, height - below.axis / 2 + 1);
  };

  const place = (event: PointerEvent) => {
    const element = event.currentTarget as HTMLElement;
    const rect = element.getBoundingClientRect();
    const a = axis(element.clientWidth);
    const x = event.clientX - rect.left;
    return { element, x, a, mark: markAt(x, event.clientY - rect.top, a, marksHere()) };
  };
  const gripAt = (x: number, a: ValueAxis) => {
    const { low, high } = view.contrast.peek();
    const [toLow, toHigh] = [Math.abs(x - toX(a, low)), Math.abs(x - toX(a, high))];
    if (Math.min(toLow, toHigh) <= 8) return toLow < toHigh ? 'low' : 'high';
    return x > toX(a, low) && x < toX(a, high) ? 'both' : x <= toX(a, low) ? 'low' : 'high';
  };
  const down = (event: PointerEvent) => {
    const { element, x, a, mark } = place(event);
    element.setPointerCapture(event.pointerId);
    heldMark.current = mark;
    held.current = mark >= 0 ? null : gripAt(x, a);
    grabbed.current = { value: toValue(a, x), low: view.contrast.peek().low, high: view.contrast.peek().high };
    axisFixed.value = [a.low, a.high];
  };
  const move = (event: PointerEvent) => {
    const { element, x, a, mark } = place(event);
    if (heldMark.current >= 0) return marksHere()?.move(heldMark.current, toValue(a, x));
    const what = held.current ?? (mark >= 0 ? 'low' : gripAt(x, a));
    element.style.cursor = what === 'both' ? 'grab' : 'ew-resize';
    if (!held.current) return;
    const { value, low, high } = grabbed.current;
    const v = toValue(a, x);
    if (held.current === 'low') setLimits(view, Math.min(v, high), high);
    else if (held.current === 'high') setLimits(view, low, Math.max(v, low));
    else setLimits(view, low + v - value, high + v - value);
  };
  const up = () => {
    held.current = null;
    heldMark.current = -1;
    axisFixed.value = null;
  };
  return <DrawnCanvas class="histogram" draw={draw} label="Histogram" title="Drag the limits of the contrast" onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} />;
}
