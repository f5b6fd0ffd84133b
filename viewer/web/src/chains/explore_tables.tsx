// Analyses whose results are tables and plots.

import { useEffect, useState } from 'preact/hooks';
import type { ChainStep, Recording } from '../api/types';
import { LinePlot } from '../plot/line_plot';
import { movieView } from '../state/movie';
import { zones } from '../state/zones';
import { Analysis, DataTable, NumberInput, Select, useRunner } from './analysis';
import { column } from './csv';
import { firstLine, frameNow, grey, lineParams, linesOf, validLine } from './explore_images';
import { eventLines, isolines, readIsolines } from './drawn';
import { visiblePart } from './preview';

const needZones = (least: number) => (zones.value.length < least ? `Draw ${least === 1 ? 'a zone' : 'two zones'} first.` : '');

export function Measure({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const known = recording.pixel_width_um ?? 0;
  const [um, setUm] = useState(known);
  const params: Record<string, string> = { zones: '@zones.json', table: '@measure.csv' };
  if (um > 0 && um !== known) params['pixel-um'] = String(um);
  return (
    <Analysis
      id="measure"
      title="Measure zones"
      help="Lengths, angles, areas and centroids of the drawn zones, in pixels, and in um if the size of a pixel is known."
      runner={runner}
      missing={needZones(1)}
      onRun={() => runner.run({ chain: [{ step: 'measure', params }], part: { first: 0, count: 1 }, table: 'measure.csv' })}
      form={<NumberInput label="pixel" unit={`um${known ? '' : ' (0: unknown)'}`} value={um} least={0} step={0.01} onChange={setUm} />}
    >
      {runner.outcome?.table && <DataTable table={runner.outcome.table} />}
    </Analysis>
  );
}

export function Correlate({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [lag, setLag] = useState(20);
  const chain: ChainStep[] = [
    { step: 'traces', params: { zones: '@zones.json' } },
    { step: 'correlate', params: { 'max-lag': String(lag), table: '@correlation.csv' } },
  ];
  return (
    <Analysis
      id="correlation"
      title="Correlation of zones"
      help="Pearson's r of each pair of zones over the range: at the same time, and strongest at any lag."
      runner={runner}
      missing={needZones(2)}
      onRun={() => runner.run({ chain, part: visiblePart(recording), table: 'correlation.csv' })}
      form={<NumberInput label="lag up to" unit="frames" value={lag} least={0} onChange={setLag} />}
    >
      {runner.outcome?.table && <DataTable table={runner.outcome.table} />}
    </Analysis>
  );
}

export function Histogram({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [bins, setBins] = useState(256);
  const [isLog, setLog] = useState(true);
  const table = runner.outcome?.table;
  const low = table ? column(table, 'low') : new Float64Array();
  const high = table ? column(table, 'high') : new Float64Array();
  return (
    <Analysis
      id="histogram"
      title="Histogram"
      help="Exact counts of all values of the range."
      runner={runner}
      onRun={() => runner.run({ chain: [{ step: 'histogram', params: { bins: String(bins), table: '@histogram.csv' } }], part: visiblePart(recording), table: 'histogram.csv' })}
      form={
        <>
          <NumberInput label="bins" value={bins} least={1} most={65536} onChange={setBins} />
          <label>
            <input type="checkbox" checked={isLog} onChange={(e) => setLog(e.currentTarget.checked)} /> log
          </label>
        </>
      }
    >
      {table && (
        <LinePlot
          x={low.map((v, i) => (v + (high[i] ?? v)) / 2)}
          curves={table.head.filter((h) => h.startsWith('count')).map((h) => ({ label: h, values: column(table, h).map((v) => (isLog && v <= 0 ? NaN : v)), points: isLog }))}
          xLabel="value (grey levels)"
          yLabel="pixels"
          height={180}
          logY={isLog}
        />
      )}
    </Analysis>
  );
}

export function Isolines({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [levels, setLevels] = useState('');
  const [count, setCount] = useState(5);
  const [smooth, setSmooth] = useState(1);
  const [drawnFrame, setDrawnFrame] = useState(0);
  const table = runner.outcome?.table;
  useEffect(() => {
    isolines.value = table ? { recording: recording.id, frame: drawnFrame, lines: readIsolines(table) } : null;
    return () => void (isolines.value = null);
  }, [table]);
  const params: Record<string, string> = { count: String(count), smooth: String(smooth), frames: ':', table: '@isolines.csv' };
  if (levels.trim() !== '') params['levels'] = levels;
  return (
    <Analysis
      id="isolines"
      title="Isolines"
      help="Lines of equal value of the frame shown, drawn over the image."
      runner={runner}
      onRun={() => {
        const part = frameNow(recording);
        setDrawnFrame(part.first);
        runner.run({ chain: [...grey(recording), { step: 'isolines', params }], part, table: 'isolines.csv' });
      }}
      form={
        <>
          <label>
            levels <input class="short" placeholder="equally spaced" value={levels} onChange={(e) => setLevels(e.currentTarget.value)} />
          </label>
          <NumberInput label="count" value={count} least={1} most={100} onChange={setCount} />
          <NumberInput label="smooth" unit="px" value={smooth} least={0} most={100} step={0.5} onChange={setSmooth} />
        </>
      }
    >
      <p class="dim">
        {isolines.value?.lines.length ?? 0} lines are drawn over frame {isolines.value?.frame ?? drawnFrame}.{' '}
        <button type="button" onClick={() => (isolines.value = null)}>
          Take them away
        </button>
      </p>
    </Analysis>
  );
}

export function EventLines({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [chosen, setLine] = useState('');
  const [width, setWidth] = useState(0);
  const [extent, setExtent] = useState('global');
  const [smooth, setSmooth] = useState(1);
  const line = validLine(chosen === '' ? firstLine() : chosen);
  const table = runner.outcome?.table;
  const view = movieView(recording);
  useEffect(() => {
    const cross = view.cross.value;
    eventLines.value = table && (line === 'horizontal' || line === 'vertical') ? { recording: recording.id, table, axis: line, at: line === 'horizontal' ? cross.y : cross.x } : null;
    return () => void (eventLines.value = null);
  }, [table]);
  const chain: ChainStep[] = [
    { step: 'profile', params: { ...lineParams(recording, line), width: String(width) } },
    { step: 'events', params: { extent, smooth: String(smooth), table: '@events.csv' } },
  ];
  return (
    <Analysis
      id="events"
      title="Event lines"
      help="Start, brightest point and end of what stands out along a line, in each frame of the range (RoSEE)."
      runner={runner}
      onRun={() => runner.run({ chain, part: visiblePart(recording), table: 'events.csv' })}
      form={
        <>
          <Select label="along" value={line} options={linesOf()} onChange={setLine} />
          <NumberInput label="±" unit="px" value={width} least={0} onChange={setWidth} />
          <Select label="extent" value={extent} options={[['global', 'global'], ['local', 'local']]} onChange={setExtent} />
          <NumberInput label="smooth" unit="px" value={smooth} least={1} onChange={setSmooth} />
        </>
      }
    >
      {table && (
        <LinePlot
          x={column(table, 'frame')}
          curves={[
            { label: 'start', values: column(table, 'start'), colour: '#16a34a' },
            { label: 'eye', values: column(table, 'eye'), colour: '#d97706' },
            { label: 'end', values: column(table, 'end'), colour: '#2563eb' },
          ]}
          xLabel="frame"
          yLabel="position (px)"
          height={180}
          legend
          mark={view.frame.value}
        />
      )}
    </Analysis>
  );
}
