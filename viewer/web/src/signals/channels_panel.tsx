// Which channels are shown, and in which order.

import { useSignal } from '@preact/signals';
import type { Channel, Recording } from '../api/types';
import { signalView } from '../state/signals';
import { unitText } from './channel_text';
import { dropBad } from './marked';
import { setChannels, toggleBad } from './view_actions';

const order = (r: Recording) => r.channels.map((_, i) => i);
const rolesOf = (r: Recording) => [...new Set(r.channels.map((c) => c.role))];

// "Fp*,O1": names with wildcards and commas between, large or small letters.
export function namesMatch(pattern: string, name: string): boolean {
  const parts = pattern.split(',').map((p) => p.trim()).filter((p) => p !== '');
  const test = (p: string) => new RegExp(`${p.includes('*') || p.includes('?') ? '^' : ''}${p.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}${p.includes('*') || p.includes('?') ? '$' : ''}`, 'i').test(name);
  return parts.length === 0 || parts.some(test);
}

function Roles({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const shown = new Set(view.channels.value);
  const of = (role: Channel['role']) => order(r).filter((i) => r.channels[i]?.role === role);
  const set = (role: Channel['role'], isOn: boolean) => {
    const own = new Set(of(role));
    const rest = view.channels.value.filter((i) => !own.has(i));
    setChannels(r, isOn ? [...rest, ...own].sort((a, b) => a - b) : rest);
  };
  return (
    <div class="row">
      {rolesOf(r).map((role) => {
        const own = of(role);
        return (
          <label key={role}>
            <input type="checkbox" checked={own.every((i) => shown.has(i))} onChange={(e) => set(role, e.currentTarget.checked)} /> {role} ({own.length})
          </label>
        );
      })}
    </div>
  );
}

function Line({ recording: r, channel, isShown }: { recording: Recording; channel: number; isShown: boolean }) {
  const view = signalView(r);
  const c = r.channels[channel];
  if (!c) return null;
  const isBad = view.bad.value.includes(c.name);
  const move = (ways: number) => {
    const list = [...view.channels.value];
    const at = list.indexOf(channel);
    const to = at + ways;
    if (at < 0 || to < 0 || to >= list.length) return;
    list.splice(at, 1);
    list.splice(to, 0, channel);
    view.channels.value = list;
  };
  const show = (isOn: boolean) => setChannels(r, isOn ? [...view.channels.value, channel] : view.channels.value.filter((i) => i !== channel));
  return (
    <li class={channel === view.chosen.value ? 'is-chosen' : ''}>
      <input type="checkbox" checked={isShown} aria-label={`Show ${c.name}`} onChange={(e) => show(e.currentTarget.checked)} />
      <button type="button" class={`quiet grow ${isBad ? 'is-bad' : ''}`} style={{ textAlign: 'left' }} title={c.filtering || undefined} onClick={() => (view.chosen.value = channel)}>
        {c.name}
      </button>
      <span class="dim">
        {c.role} {unitText(c.unit)}
      </span>
      {isShown && (
        <>
          <button type="button" class="quiet" aria-label={`${c.name} up`} onClick={() => move(-1)}>
            ↑
          </button>
          <button type="button" class="quiet" aria-label={`${c.name} down`} onClick={() => move(1)}>
            ↓
          </button>
        </>
      )}
      <button type="button" class="quiet" aria-pressed={isBad} title={isBad ? 'Not bad after all' : 'Mark as bad'} onClick={() => toggleBad(r, channel)}>
        {isBad ? 'bad' : 'ok'}
      </button>
    </li>
  );
}

export function ChannelsPanel({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const filter = useSignal('');
  const shown = new Set(view.channels.value);
  const all = [...view.channels.value, ...order(r).filter((i) => !shown.has(i))].filter((i) => namesMatch(filter.value, r.channels[i]?.name ?? ''));
  const onlyThese = () => all.length > 0 && setChannels(r, [...all].sort((a, b) => a - b));
  return (
    <div class="signal-panel">
      <Roles recording={r} />
      <div class="row">
        <input class="grow" placeholder="Names: Fp*, O1" aria-label="Filter by name" value={filter.value} onInput={(e) => (filter.value = e.currentTarget.value)} />
        <button type="button" title="Only the channels of this list" onClick={onlyThese}>
          Only these
        </button>
      </div>
      <div class="row">
        <button type="button" onClick={() => setChannels(r, order(r))}>
          All
        </button>
        <button type="button" onClick={() => setChannels(r, [view.chosen.value])}>
          Only the chosen
        </button>
        <button type="button" title="As the file has them" onClick={() => setChannels(r, [...view.channels.value].sort((a, b) => a - b))}>
          File order
        </button>
        <button
          type="button"
          title="By name"
          onClick={() => setChannels(r, [...view.channels.value].sort((a, b) => (r.channels[a]?.name ?? '').localeCompare(r.channels[b]?.name ?? '', 'en', { numeric: true })))}
        >
          A–Z
        </button>
      </div>
      <ul class="signal-channel-list">
        {all.map((i) => (
          <Line key={i} recording={r} channel={i} isShown={shown.has(i)} />
        ))}
      </ul>
      {view.bad.value.length > 0 && (
        <button type="button" title="Appends the step drop to the chain" onClick={() => dropBad(r)}>
          Drop the {view.bad.value.length} bad {view.bad.value.length === 1 ? 'channel' : 'channels'}
        </button>
      )}
    </div>
  );
}
