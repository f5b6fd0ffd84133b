// Analyses whose results are images.

import { useState } from 'preact/hooks';
import type { Recording } from '../api/types';
import { LinePlot } from '../plot/line_plot';
import { Analysis, NumberInput, Select, useRunner } from './analysis';
import { column } from './csv';
import { lineParams, linesOf, validLine } from './lines';
import { visiblePart } from './preview';
import { ResultImage } from './result_image';

export function Kymograph({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [chosen, setLine] = useState('');
  const [width, setWidth] = useState(0);
  const line = validLine(chosen);
  return (
    <Analysis
      id="kymograph"
      title="Kymograph"
      help="Intensity along a line over the range; time runs down."
      runner={runner}
      onRun={() => runner.run({ chain: [{ step: 'kymograph', params: { ...lineParams(recording, line), width: String(width) } }], part: visiblePart(recording), frames: 1 })}
      form={
        <>
          <Select label="along" value={line} options={linesOf()} onChange={setLine} />
          <NumberInput label="±" unit="px" value={width} least={0} onChange={setWidth} />
        </>
      }
    >
      {runner.outcome?.frames.map((f, i) => (
        <ResultImage key={i} frame={f} title="position (px) across, frames down" />
      ))}
    </Analysis>
  );
}

export function Pca({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [components, setComponents] = useState(4);
  const { first } = visiblePart(recording);
  const table = runner.outcome?.table;
  const rate = recording.rate_hz;
  const names = table?.head.filter((h) => h.startsWith('pc')) ?? [];
  const colours = ['#0f9488', '#d97706', '#3b82f6', '#db2777', '#65a30d', '#9333ea'];
  return (
    <Analysis
      id="pca"
      title="Principal components"
      help="The images that explain most of how pixels vary over the range, and how strong each is in every frame."
      runner={runner}
      onRun={() => runner.run({ chain: [{ step: 'pca', params: { components: String(components), scores: '@scores.csv' } }], part: visiblePart(recording), table: 'scores.csv', frames: components })}
      form={<NumberInput label="components" value={components} least={1} most={50} onChange={setComponents} />}
    >
      <div class="result-images">
        {runner.outcome?.frames.map((f, i) => (
          <ResultImage key={i} frame={f} title={`pc${i + 1}`} />
        ))}
      </div>
      {table && (
        <LinePlot
          x={column(table, 'frame').map((f) => (rate ? (f + offsetOf(table, first)) / rate : f + offsetOf(table, first)))}
          curves={names.slice(0, 6).map((n, i) => ({ label: n, values: column(table, n), colour: colours[i] ?? '#888' }))}
          xLabel={rate ? 'time (s)' : 'frame'}
          yLabel="score (grey levels)"
          height={180}
          legend
        />
      )}
    </Analysis>
  );
}

// Tables count frames as in the source, unless the part was cut out before.
const offsetOf = (table: { rows: string[][] }, first: number) => (Number(table.rows[0]?.[0] ?? 0) < first ? first : 0);
