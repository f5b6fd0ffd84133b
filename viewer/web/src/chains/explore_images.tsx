// Analyses whose results are images.

import { useState } from 'preact/hooks';
import type { ChainStep, Recording } from '../api/types';
import { LinePlot } from '../plot/line_plot';
import { movieView } from '../state/movie';
import { zones } from '../state/zones';
import { Analysis, NumberInput, Select, useRunner } from './analysis';
import { column } from './csv';
import { visiblePart } from './preview';
import { ResultImage } from './result_image';

export const frameNow = (recording: Recording) => ({ first: movieView(recording).frame.value, count: 1 });

// Steps that look at one value per pixel.
export const grey = (recording: Recording): ChainStep[] => (recording.n_colours > 1 ? [{ step: 'grey', params: {} }] : []);

// ---- Lines to look along: the cross of the profiles, or a drawn line

export function linesOf(): [string, string][] {
  const drawn = zones.value.filter((z) => z.shape === 'line' || z.shape === 'polyline');
  return [['horizontal', 'row of the cross'], ['vertical', 'column of the cross'], ...drawn.map((z): [string, string] => [`zone:${z.name}`, z.name])];
}

export const firstLine = () => linesOf()[2]?.[0] ?? 'horizontal';

export function lineParams(recording: Recording, line: string): Record<string, string> {
  const cross = movieView(recording).cross.value;
  if (line === 'horizontal') return { axis: 'horizontal', y: String(Math.round(cross.y)) };
  if (line === 'vertical') return { axis: 'vertical', x: String(Math.round(cross.x)) };
  return { axis: 'line', zones: '@zones.json', zone: line.slice('zone:'.length) };
}

// The chosen line if it is still there.
export const validLine = (line: string) => (linesOf().some(([v]) => v === line) ? line : firstLine());

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

export function Hillshade({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  const [azimuth, setAzimuth] = useState(315);
  const [elevation, setElevation] = useState(45);
  const [z, setZ] = useState(1);
  const params = { azimuth: String(azimuth), elevation: String(elevation), z: String(z) };
  return (
    <Analysis
      id="hillshade"
      title="Hillshade"
      help="The frame shown as a landscape, lit from one side."
      runner={runner}
      onRun={() => runner.run({ chain: [...grey(recording), { step: 'hillshade', params }], part: frameNow(recording), frames: 1 })}
      form={
        <>
          <NumberInput label="azimuth" unit="°" value={azimuth} least={-360} most={360} step={15} onChange={setAzimuth} />
          <NumberInput label="elevation" unit="°" value={elevation} least={0} most={90} step={5} onChange={setElevation} />
          <NumberInput label="z" unit="px per level" value={z} least={1e-12} step={0.1} onChange={setZ} />
        </>
      }
    >
      {runner.outcome?.frames.map((f, i) => (
        <ResultImage key={i} frame={f} title="shade" />
      ))}
    </Analysis>
  );
}

export function Drainage({ recording }: { recording: Recording }) {
  const runner = useRunner(recording);
  return (
    <Analysis
      id="drainage"
      title="Drainage"
      help="How many pixels of the frame shown drain through each, with values as heights (decimal logarithm)."
      runner={runner}
      onRun={() => runner.run({ chain: [...grey(recording), { step: 'drainage', params: { log: 'yes' } }], part: frameNow(recording), frames: 1 })}
    >
      {runner.outcome?.frames.map((f, i) => (
        <ResultImage key={i} frame={f} title="log10 of pixels" />
      ))}
    </Analysis>
  );
}
