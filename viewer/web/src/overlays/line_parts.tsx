// Isolines and event lines in the panel.

import { NumberInput, Select } from '../chains/analysis';
import { column } from '../chains/csv';
import { linesOf, validLine } from '../chains/lines';
import type { Recording } from '../api/types';
import { saveText, stem } from '../export/save';
import { HistogramPlot } from '../movie/histogram_plot';
import { LinePlot } from '../plot/line_plot';
import { countText, numberText } from '../shell/texts';
import { jobs } from '../state/app';
import { movieView } from '../state/movie';
import { eventColours, eventPoints, eventsAt, eventSteps } from './event_lines';
import { Part, Smooth } from './fields';
import { live } from './results';
import { isolinesCsv, isolinesStep } from './isolines';
import { colourOfLevel, levelsNow, setLevel } from './levels';
import { regionOf, regionText } from './region';
import { change } from './settings';

// ---- Isolines

function Levels({ recording: r }: { recording: Recording }) {
  const levels = levelsNow(r);
  const found = live.isolines.shown.value?.value ?? [];
  return (
    <table class="overlay-levels">
      <tbody>
        {levels.map((value, i) => {
          const own = found.find((l) => Math.abs(l.value - value) <= 1e-8 * Math.abs(value));
          return (
            <tr key={i}>
              <td>
                <span class="swatch" style={{ background: colourOfLevel(levels, value) }} />
              </td>
              <td>
                <input class="number" inputMode="decimal" aria-label={`Level ${i + 1}`} value={numberText(value, 6)} onChange={(e) => Number.isFinite(Number(e.currentTarget.value)) && setLevel(r, i, Number(e.currentTarget.value))} />
              </td>
              <td class="dim">grey levels</td>
              <td class="dim number">{countText(own?.lines.length ?? 0, 'line')}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function IsolinesPart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const settings = view.overlays.value.isolines;
  const shown = live.isolines.shown.value;
  const save = () => shown && saveText(isolinesCsv(shown.frame, shown.value), `${stem(r.label)}.isolines-${shown.frame}.csv`, 'text/csv');
  return (
    <Part
      recording={r}
      name="isolines"
      title="Isolines"
      keyName="I"
      steps={() => [isolinesStep(settings)]}
      buttons={
        <button type="button" disabled={!shown} title="The lines that are drawn, point by point" onClick={save}>
          Save CSV
        </button>
      }
    >
      <div class="row">
        {settings.levels === '' && <NumberInput label="levels" value={settings.count} least={1} most={16} onChange={(v) => change(r, 'isolines', { count: Math.max(1, Math.min(16, Math.round(v))) })} />}
        {settings.levels !== '' && (
          <button type="button" title="Between the lowest and the highest value of each frame" onClick={() => change(r, 'isolines', { levels: '' })}>
            Spread evenly
          </button>
        )}
        <Smooth value={settings.smooth} onChange={(smooth) => change(r, 'isolines', { smooth })} />
      </div>
      <label class="overlay-wide">
        <span class="dim">at</span>
        <input placeholder="spread evenly; or values: 100, 120.5" aria-label="Values of the levels" value={settings.levels} onChange={(e) => change(r, 'isolines', { levels: e.currentTarget.value.replace(/\s+/g, '').replace(/^,+|,+$/g, '') })} />
      </label>
      <HistogramPlot recording={r} isLog={true} />
      <Levels recording={r} />
      <p class="dim">Drag the marks at the top of the histogram. Computed from {regionText(r, regionOf(r, view.viewport.value))}.</p>
    </Part>
  );
}

// ---- Event lines

function Legend({ recording: r }: { recording: Recording }) {
  const found = live.events.shown.value?.value;
  const events = found ? eventsAt(found, movieView(r).shownFrame.value) : [];
  return (
    <div class="row overlay-legend">
      {eventPoints.map((name) => (
        <span key={name}>
          <span class="swatch" style={{ background: eventColours[name] }} /> {name} <span class="number">{numberText(events.find((e) => e.name === name)?.sample)}</span> px
        </span>
      ))}
    </div>
  );
}

function Course({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const table = live.events.shown.value?.value.table;
  if (!table) {
    const job = jobs.value.find((j) => j.recording === r.id && j.state === 'running' && j.chain.includes('! events'));
    return job ? <progress max={1} value={job.fraction} /> : null;
  }
  return (
    <LinePlot
      x={column(table, 'frame')}
      curves={eventPoints.map((name) => ({ label: name, values: column(table, name), colour: eventColours[name] }))}
      xLabel="frame"
      yLabel="along the line (px)"
      height={150}
      mark={view.shownFrame.value}
    />
  );
}

export function EventsPart({ recording: r }: { recording: Recording }) {
  const view = movieView(r);
  const settings = view.overlays.value.events;
  const found = live.events.shown.value?.value;
  const [first, last] = view.range.value;
  return (
    <Part
      recording={r}
      name="events"
      title="Event lines"
      keyName="E"
      steps={() => eventSteps(r, settings)}
      buttons={
        <button type="button" disabled={!found} onClick={() => found && saveText(found.text, `${stem(r.label)}.events.csv`, 'text/csv')}>
          Save CSV
        </button>
      }
    >
      <p class="dim">{`Start, brightest point and end of what stands out along a line, in each of frames ${first} to ${last} (RoSEE).`}</p>
      <div class="row">
        <Select label="along" value={validLine(settings.line)} options={linesOf()} onChange={(line) => change(r, 'events', { line })} />
        <NumberInput label="±" unit="px" value={settings.width} least={0} onChange={(v) => change(r, 'events', { width: Math.max(0, Math.round(v)) })} />
        <Select label="extent" value={settings.extent} options={[['global', 'global'], ['local', 'local']]} onChange={(extent) => change(r, 'events', { extent })} />
        <NumberInput label="smooth" unit="px" value={settings.smooth} least={1} onChange={(v) => change(r, 'events', { smooth: Math.max(1, Math.round(v)) })} />
      </div>
      <Legend recording={r} />
      <Course recording={r} />
    </Part>
  );
}
