// The list of zones, the numbers of the chosen one, and the time courses.

import type { Recording, Zone } from '../api/types';
import { cropTo, maskBy } from '../chains/zone_steps';
import { saveText, stem } from '../export/save';
import { clockOf } from '../movie/times';
import { activeTool } from '../image/tool';
import { movieView } from '../state/movie';
import { numberText } from '../shell/texts';
import { currentPlace } from '../state/places';
import { addZone, chosen, chosenZone, colourOf, hiddenZones, homeZones, isMembersShown, removeZone, renameZone, replaceZone, setHidden, zones } from '../state/zones';
import { courses, courseStat, stats, type Stat } from './courses';
import { ZoneFields } from './fields';
import { loadZones, saveZones } from './file';
import { move } from './geometry';
import { memberCounts } from './members';
import { MaskRow } from './mask_row';
import { coursesCsv, CoursesPlot, isInSeconds, isRelative, plottedCourses } from './plot';
import { zoneProblem } from './problem';

function duplicate(zone: Zone) {
  const { name: _name, colour: _colour, ...shape } = move(zone, 5, 5);
  addZone(shape);
}

function Row({ recording, zone }: { recording: Recording; zone: Zone }) {
  const isHidden = hiddenZones.value.has(zone.name);
  const now = courses.value.get(zone.name)?.values[movieView(recording).frame.value];
  const pixels = memberCounts.value.get(zone.name);
  return (
    <tr
      class={`${zone.name === chosenZone.value ? 'is-chosen' : ''} ${isHidden ? 'dim' : ''}`}
      onClick={(e) => {
        if (!(e.target instanceof Element && e.target.closest('button'))) chosenZone.value = zone.name;
      }}
    >
      <td>
        <input type="color" value={colourOf(zone)} aria-label={`Colour of ${zone.name}`} onInput={(e) => replaceZone(zone.name, { ...zone, colour: e.currentTarget.value })} />
      </td>
      <td>
        <input
          class="zone-title"
          value={zone.name}
          aria-label="Name of the zone"
          onFocus={() => (chosenZone.value = zone.name)}
          onChange={(e) => {
            if (!renameZone(zone.name, e.currentTarget.value.trim())) e.currentTarget.value = zone.name;
          }}
        />
      </td>
      <td class="number" title="Pixels inside the image">
        {pixels ?? '…'}
      </td>
      <td class="number" title={`${courseStat.value} in the frame shown`}>
        {numberText(now, 5)}
      </td>
      <td class="zone-buttons">
        <button type="button" class="quiet" title={isHidden ? 'Show' : 'Hide'} aria-label={`${isHidden ? 'Show' : 'Hide'} ${zone.name}`} aria-pressed={!isHidden} onClick={() => setHidden(zone.name, !isHidden)}>
          {isHidden ? '○' : '●'}
        </button>
        <button type="button" class="quiet" title="Duplicate" aria-label={`Duplicate ${zone.name}`} onClick={() => duplicate(zone)}>
          <svg viewBox="0 0 16 16" width="13" height="13" class="icon">
            <path d="M2.5 2.5h8v8h-8zM5.5 10.5v3h8v-8h-3" />
          </svg>
        </button>
        <button type="button" class="quiet" title="Delete (Del)" aria-label={`Delete ${zone.name}`} onClick={() => removeZone(zone.name)}>
          ×
        </button>
      </td>
    </tr>
  );
}

function Chosen({ recording, zone }: { recording: Recording; zone: Zone }) {
  return (
    <>
      <h3>
        {zone.name}: {zone.shape}
      </h3>
      <ZoneFields zone={zone} />
      <div class="row">
        <button type="button" title="Appends the step crop to the chain" onClick={() => cropTo(recording, zone)}>
          Crop to this zone
        </button>
        <button type="button" title="Appends the step mask to the chain" onClick={() => maskBy([zone], `zone-${zone.name}`)}>
          Mask outside
        </button>
      </div>
    </>
  );
}

function Courses({ recording }: { recording: Recording }) {
  const list = plottedCourses(recording);
  const areExact = list.every((c) => c.isExact);
  return (
    <>
      <h3>Time courses{list.length > 0 && !areExact && ' (coarse, refining)'}</h3>
      <div class="row">
        <select value={courseStat.value} aria-label="Statistic" onChange={(e) => (courseStat.value = e.currentTarget.value as Stat)}>
          {stats.map((s) => (
            <option key={s}>{s}</option>
          ))}
        </select>
        <label title="(F - F0) / F0 with F0 the median over the range band">
          <input type="checkbox" checked={isRelative.value} onChange={(e) => (isRelative.value = e.currentTarget.checked)} /> dF/F
        </label>
        {clockOf(recording) !== null && (
          <label>
            <input type="checkbox" checked={isInSeconds.value} onChange={(e) => (isInSeconds.value = e.currentTarget.checked)} /> seconds
          </label>
        )}
        <span class="grow" />
        <button type="button" disabled={list.length === 0 || !areExact} onClick={() => saveText(coursesCsv(recording), `${stem(recording.label)}.courses.csv`, 'text/csv')}>
          Save CSV
        </button>
      </div>
      <CoursesPlot recording={recording} />
    </>
  );
}

function Empty() {
  return (
    <p class="dim">
      No zones yet. Draw one on the image: <kbd>R</kbd> rectangle, <kbd>E</kbd> ellipse, <kbd>G</kbd> polygon, <kbd>X</kbd> pixel, <kbd>L</kbd> line.
      <br />
      <button type="button" onClick={() => (activeTool.value = 'rectangle')}>
        Draw a rectangle
      </button>
    </p>
  );
}

export function ZonesPanel({ recording }: { recording: Recording }) {
  return (
    <div class="zones-panel">
      <div class="row">
        <button type="button" title="Reads a zones file (JSON), as limpid traces has it" onClick={loadZones}>
          Load…
        </button>
        <button type="button" disabled={zones.value.length === 0} title="Writes a zones file (JSON) for limpid traces, mask, kymograph" onClick={saveZones}>
          Save zones
        </button>
        <span class="grow" />
        <label title="The outline of the pixels that belong to each zone">
          <input type="checkbox" checked={isMembersShown.value} onChange={(e) => (isMembersShown.value = e.currentTarget.checked)} /> exact pixels
        </label>
      </div>
      {currentPlace.value.space !== '' && homeZones().length > 0 && (
        <p class="dim">{`${homeZones().length === 1 ? 'The zone' : 'The zones'} of the source cannot be shown here: the chain does not say where its pixels are in this result. These are its own.`}</p>
      )}
      {zones.value.length === 0 ? (
        <Empty />
      ) : (
        <table class="zone-list">
          <thead>
            <tr>
              <th />
              <th>name</th>
              <th>px</th>
              <th>{courseStat.value}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {zones.value.map((z) => (
              <Row key={z.name} recording={recording} zone={z} />
            ))}
          </tbody>
        </table>
      )}
      {zones.value.length > 0 && <MaskRow />}
      {zoneProblem.value && <p class="problem">{zoneProblem.value}</p>}
      {chosen.value && <Chosen recording={recording} zone={chosen.value} />}
      {zones.value.length > 0 && <Courses recording={recording} />}
    </div>
  );
}
