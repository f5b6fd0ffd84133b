// The recordings that are open. Results of previews come and go; a pin keeps one.

import type { Recording } from '../api/types';
import { closeRecording, current, currentId, recordings, tell } from '../state/app';
import { isOwn } from '../state/own';
import { pinned, togglePin } from '../state/results';
import { isOpenWindowShown } from './open';

function Pin({ recording: r }: { recording: Recording }) {
  const isPinned = pinned.value.has(r.id);
  return (
    <button
      type="button"
      class="pin"
      aria-pressed={isPinned}
      aria-label={`Keep ${r.label}`}
      title={isPinned ? 'Kept until it is closed' : 'Keep this result: of the others the oldest are closed as new ones come'}
      onClick={() => togglePin(r.id)}
    >
      <svg viewBox="0 0 16 16" width="11" height="11">
        <path d="M5.5 2h5M6 2v5L4 10h8l-2-3V2M8 10v4.5" />
      </svg>
    </button>
  );
}

export function Tabs() {
  return (
    <nav class="tabs" aria-label="Recordings">
      {recordings.value.map((r) => (
        <span key={r.id} class={`tab ${r.id === current.value?.id ? 'is-active' : ''}`}>
          <button type="button" title={r.is_result ? `${r.path}\n${r.chain}` : r.path} onClick={() => (currentId.value = r.id)}>
            {r.is_result && <span class="badge">result</span>}
            {r.label}
          </button>
          {isOwn(r) && <Pin recording={r} />}
          <button type="button" class="close" aria-label={`Close ${r.label}`} onClick={() => tell(closeRecording(r.id))}>
            ×
          </button>
        </span>
      ))}
      <button type="button" class="tab-open" title="Open a recording (o)" onClick={() => (isOpenWindowShown.value = true)}>
        Open…
      </button>
    </nav>
  );
}
