// Analyses whose results are tables and plots.

import { useState } from 'preact/hooks';
import type { ChainStep, Recording } from '../api/types';
import { LinePlot } from '../plot/line_plot';
import { zones } from '../state/zones';
import { Analysis, DataTable, NumberInput, useRunner } from './analysis';
import { column } from './csv';
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
