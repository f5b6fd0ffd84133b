// One parameter of a step as a form field.

import type { Param, Recording } from '../api/types';
import { movieView } from '../state/movie';
import { ownFiles, zonesName } from '../state/chain';
import { signalView } from '../state/signals';
import { isMade, madeName, problemOf, rangeText } from './values';

interface FieldProps {
  recording: Recording;
  step: string;
  param: Param;
  value: string; // "": not given
  id: string;
  onChange(value: string): void;
}

function Text({ param, value, id, onChange }: FieldProps) {
  const isNumeric = param.type === 'number' || param.type === 'integer';
  return (
    <input
      id={id}
      class={`grow ${isNumeric ? 'number' : ''}`}
      inputMode={isNumeric ? 'decimal' : 'text'}
      spellcheck={false}
      value={value}
      placeholder={param.default ?? 'must be given'}
      onInput={(e) => onChange(e.currentTarget.value)}
    />
  );
}

function Choice({ param, value, id, onChange }: FieldProps) {
  return (
    <select id={id} class="grow" value={value} onChange={(e) => onChange(e.currentTarget.value)}>
      <option value="">{param.default === null ? 'choose…' : `${param.default} (default)`}</option>
      {(param.choices ?? []).map((c) => (
        <option key={c} value={c}>
          {c}
        </option>
      ))}
    </select>
  );
}

function Flag({ param, value, id, onChange }: FieldProps) {
  const isOn = (value === '' ? param.default : value) === 'yes';
  return (
    <input
      id={id}
      type="checkbox"
      checked={isOn}
      onChange={(e) => {
        const next = e.currentTarget.checked ? 'yes' : 'no';
        onChange(next === param.default ? '' : next);
      }}
    />
  );
}

function Frames(props: FieldProps) {
  const [first, last] = movieView(props.recording).range.value;
  return (
    <>
      <Text {...props} />
      {props.recording.kind === 'movie' && (
        <button type="button" title={`Frames ${first} to ${last}`} onClick={() => props.onChange(`${first}:${last + 1}`)}>
          Range band
        </button>
      )}
    </>
  );
}

function TimeRange(props: FieldProps) {
  const { recording } = props;
  const rate = recording.rate_hz;
  const stretch = (): [number, number] => {
    const view = signalView(recording);
    return [view.first.value / (rate ?? 1), (view.first.value + view.count.value) / (rate ?? 1)];
  };
  const text = (v: number) => String(Number(v.toFixed(6)));
  return (
    <>
      <Text {...props} />
      {recording.kind === 'signals' && rate && (
        <button type="button" title="What is on the screen" onClick={() => props.onChange(stretch().map((v) => text(Math.max(0, v))).join('-'))}>
          From screen
        </button>
      )}
    </>
  );
}

function Files(props: FieldProps) {
  const { param, step, value, id, onChange } = props;
  const names = param.name === 'zones' ? [zonesName, ...Object.keys(ownFiles.value).filter((n) => n !== zonesName)] : isMade(step, param.name) ? [madeName(param.name)] : [];
  const options = [...new Set([...names.map((n) => `@${n}`), ...(value.startsWith('@') ? [value] : [])])];
  const label = (o: string) => (o === `@${zonesName}` ? 'all zones as drawn' : isMade(step, param.name) ? `keep as ${o.slice(1)}` : o.slice(1));
  return (
    <>
      <input id={id} class="grow" spellcheck={false} value={value} placeholder={param.default === null ? 'must be given' : 'none'} onInput={(e) => onChange(e.currentTarget.value)} />
      {options.length > 0 && (
        <select class="narrow" aria-label={`${param.name}: choices`} value={options.includes(value) ? value : ''} onChange={(e) => onChange(e.currentTarget.value)}>
          <option value="">…</option>
          {options.map((o) => (
            <option key={o} value={o}>
              {label(o)}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

function Channels(props: FieldProps) {
  const list = `${props.id}-names`;
  return (
    <>
      <input
        id={props.id}
        class="grow"
        list={list}
        spellcheck={false}
        value={props.value}
        placeholder={props.param.default ?? 'must be given'}
        onInput={(e) => props.onChange(e.currentTarget.value)}
      />
      <datalist id={list}>
        {['all', 'data', 'eeg', ...(props.recording.channels ?? []).map((c) => c.name)].map((n) => (
          <option key={n} value={n} />
        ))}
      </datalist>
    </>
  );
}

const inputs: Record<string, (props: FieldProps) => preact.JSX.Element> = {
  choice: Choice,
  flag: Flag,
  frames: Frames,
  'time-range': TimeRange,
  file: Files,
  channels: Channels,
};

export function Field(props: FieldProps & { serverProblem: string }) {
  const { param, value, id } = props;
  const Input = inputs[param.type] ?? Text;
  const problem = problemOf(param, value) || props.serverProblem;
  return (
    <div class={`field ${problem ? 'has-problem' : ''}`}>
      <label for={id} title={`${param.help}${param.type === 'number' || param.type === 'integer' ? `\nA number${rangeText(param)}.` : ''}`}>
        {param.name}
      </label>
      <div class="field-input">
        <Input {...props} />
        {param.unit && <span class="dim">{param.unit}</span>}
      </div>
      {problem && <p class="problem">{problem}</p>}
    </div>
  );
}
