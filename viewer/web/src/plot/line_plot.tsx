// A small plot over uPlot: curves over a common x axis, with units on both axes, a cursor, and colours of the theme.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { css, cssFaint, themeVersion } from './theme_colours';

export interface Curve {
  label: string;
  values: ArrayLike<number | null | undefined>; // NaN and null: no value; undefined: no point here, and no gap
  colour?: string; // CSS colour; default: the accent of the theme
  width?: number;
  points?: boolean; // marks instead of a line
  // Filled between this curve and the one with that label.
  bandTo?: string;
}

export interface LinePlotProps {
  x: ArrayLike<number>; // ascending
  curves: Curve[];
  xLabel: string; // with its unit: "time (s)"
  yLabel: string;
  height: number;
  logX?: boolean;
  logY?: boolean;
  legend?: boolean;
  mark?: number | null; // a vertical line at this x
  yRange?: [number, number] | null;
  xRange?: [number, number] | null; // shown at first
  yDown?: boolean; // low values at the top
  decorate?(u: uPlot): void; // draws over the curves
  onPick?(x: number): void; // click
  onCursor?(x: number | null): void;
  className?: string;
}

// uPlot draws gaps at null only.
function column(values: ArrayLike<number | null | undefined>): (number | null | undefined)[] {
  return Array.from(values, (v) => (v === null || Number.isNaN(v) ? null : v));
}

// Whole powers of ten, so that many decades stay calm; of few decades also 2 and 5.
function logTicks(_u: uPlot, _axis: number, min: number, max: number): number[] {
  const [first, last] = [Math.floor(Math.log10(min) + 1e-9), Math.floor(Math.log10(max) + 1e-9)];
  const step = 1 + Math.floor((last - first) / 10);
  const powers = Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, i) => first + i * step);
  const values = powers.flatMap((power) => (last - first > 2 ? [1] : [1, 2, 5]).map((part) => Number(`${part}e${power}`)));
  return values.filter((v) => v >= min * (1 - 1e-9) && v <= max * (1 + 1e-9));
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

// null: uPlot has no room for it.
function logText(value: number | null): string {
  if (value === null) return '';
  if (value >= 1e-3 && value < 1e4) return String(Number(value.toPrecision(3)));
  const [digit, power] = value.toExponential(0).split('e');
  const raised = [...String(Number(power))].map((c) => (c === '-' ? '⁻' : superscripts[Number(c)])).join('');
  return `${digit === '1' ? '' : `${digit}·`}10${raised}`;
}

const logTexts = (_u: uPlot, values: (number | null)[]) => values.map(logText);

// As far as the values go, not to the next power of ten.
function logRange(_u: uPlot, min: number, max: number): [number, number] {
  return min > 0 ? [min, max] : (uPlot.rangeLog(min, max, 10, true) as [number, number]);
}

function makeOptions(p: LinePlotProps, width: number): uPlot.Options {
  const ink = css('--ink-2');
  const grid = { stroke: css('--line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: '11px system-ui', labelFont: '11px system-ui', labelSize: 16 };
  const index = (label: string) => p.curves.findIndex((c) => c.label === label) + 1;
  return {
    width,
    height: p.height,
    legend: { show: p.legend ?? false },
    cursor: { y: false, drag: { x: true, y: false } },
    scales: {
      x: { time: false, ...(p.logX ? { distr: 3 as const, range: logRange } : {}) },
      y: { ...(p.logY ? { distr: 3 as const } : {}), ...(p.yRange ? { range: p.yRange } : {}), ...(p.yDown ? { dir: -1 as const } : {}) },
    },
    axes: [
      { ...axis, label: p.xLabel, size: 28 },
      { ...axis, label: p.yLabel, size: 56, ...(p.logY ? { splits: logTicks, values: logTexts } : {}) },
    ],
    series: [
      { label: p.xLabel },
      ...p.curves.map((c) => ({
        label: c.label,
        stroke: c.colour ?? css('--accent'),
        width: c.points ? 0 : (c.width ?? 1.25),
        points: { show: c.points ?? false, size: 4 },
        spanGaps: false,
      })),
    ],
    bands: p.curves
      .filter((c) => c.bandTo !== undefined)
      .map((c) => ({ series: [index(c.label), index(c.bandTo ?? '')] as [number, number], fill: c.colour ? `color-mix(in srgb, ${c.colour} 18%, transparent)` : cssFaint('--accent', 0.18) })),
  };
}

export function LinePlot(p: LinePlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(p);
  latest.current = p;
  // What changes the options makes a new plot; what changes the numbers does not.
  const shape = JSON.stringify([p.curves.map((c) => [c.label, c.colour, c.width, c.points, c.bandTo]), p.xLabel, p.yLabel, p.height, p.logX, p.logY, p.legend, p.yRange, p.yDown, themeVersion.value]);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const options = makeOptions(latest.current, Math.max(80, element.clientWidth));
    options.hooks = {
      setCursor: [(u) => latest.current.onCursor?.(u.cursor.left !== undefined && u.cursor.left >= 0 ? u.posToVal(u.cursor.left, 'x') : null)],
      draw: [drawMark, (u) => latest.current.decorate?.(u)],
      ready: [
        (u) => {
          const range = latest.current.xRange;
          if (range) u.setScale('x', { min: range[0], max: range[1] });
        },
        (u) =>
          u.over.addEventListener('click', (event) => {
            const rect = u.over.getBoundingClientRect();
            latest.current.onPick?.(u.posToVal(event.clientX - rect.left, 'x'));
          }),
      ],
    };
    function drawMark(u: uPlot) {
      const mark = latest.current.mark;
      if (mark === null || mark === undefined) return;
      const x = Math.round(u.valToPos(mark, 'x', true)) + 0.5;
      if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
      u.ctx.strokeStyle = css('--mark');
      u.ctx.lineWidth = devicePixelRatio;
      u.ctx.beginPath();
      u.ctx.moveTo(x, u.bbox.top);
      u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
      u.ctx.stroke();
    }
    const made = new uPlot(options, dataOf(latest.current), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: Math.max(80, element.clientWidth), height: latest.current.height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => plot.current?.setData(dataOf(p)), [p.x, p.curves]);
  useEffect(() => plot.current?.redraw(false), [p.mark]);
  return <div ref={host} class={`plot ${p.className ?? ''}`} style={{ minHeight: `${p.height}px` }} />;
}

function dataOf(p: LinePlotProps): uPlot.AlignedData {
  return [Array.from(p.x), ...p.curves.map((c) => column(c.values))] as uPlot.AlignedData;
}
