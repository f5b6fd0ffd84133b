// The traces with what lies behind and over them, and the names of channels at the left.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Recording } from '../api/types';
import { DrawnCanvas } from '../plot/drawn';
import { css } from '../plot/theme_colours';
import { shownChannels, signalView } from '../state/signals';
import { drawEvents, drawGrid, drawMarked, placeOf, spanOf } from './event_marks';
import { groupOf } from './lanes';
import { draft, pointed, pointerOf } from './pointer';
import { feedOf } from './tiles';
import { TraceCanvas } from './trace_canvas';
import { toggleBad } from './view_actions';
import { unitText } from './channel_text';

function Names({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const shown = shownChannels(view);
  const bad = new Set(view.bad.value);
  return (
    <div class="signal-names" style={{ fontSize: shown.length > 48 ? '9px' : shown.length > 32 ? '10px' : '11px' }}>
      {shown.map((c) => {
        const channel = r.channels[c];
        if (!channel) return null;
        const state = `${c === view.chosen.value ? 'is-chosen' : ''} ${bad.has(channel.name) ? 'is-bad' : ''} ${c === pointed.value ? 'is-pointed' : ''}`;
        return (
          <button
            key={c}
            type="button"
            class={`signal-name ${state}`}
            title={`${channel.name}: ${channel.role}, ${unitText(channel.unit) || 'no unit'}. Click chooses it, a right click marks it as bad.`}
            onClick={() => (view.chosen.value = c)}
            onContextMenu={(e) => {
              e.preventDefault();
              toggleBad(r, c);
            }}
          >
            {channel.name}
            {(groupOf(r, c) === null || shown.length <= 24) && <span class="dim"> {unitText(channel.unit)}</span>}
          </button>
        );
      })}
    </div>
  );
}

function Building({ recording }: { recording: Recording }) {
  const built = feedOf(recording).built.value;
  if (built === null || built >= 1) return null;
  return <div class="signal-building">building the overview: {Math.floor(100 * built)} %</div>;
}

export function TracesView({ recording: r }: { recording: Recording }) {
  const view = signalView(r);
  const stack = useRef<HTMLDivElement>(null);
  const pointer = useMemo(() => pointerOf(r), [r.id]);
  useEffect(() => {
    const element = stack.current;
    element?.addEventListener('wheel', pointer.wheel, { passive: false });
    return () => element?.removeEventListener('wheel', pointer.wheel);
  }, [pointer]);
  const behind = (c: CanvasRenderingContext2D, width: number, height: number) => {
    drawGrid(c, r, width, height);
    drawMarked(c, r, spanOf(r, width), height, draft.value);
    drawEvents(c, r, width, height);
  };
  const over = (c: CanvasRenderingContext2D, width: number, height: number) => {
    if (view.cursor_s.value === null) return;
    const x = Math.round(placeOf(spanOf(r, width), view.cursor_s.value)) + 0.5;
    c.strokeStyle = css('--cursor');
    c.globalAlpha = 0.7;
    c.beginPath();
    c.moveTo(x, 0);
    c.lineTo(x, height);
    c.stroke();
  };
  return (
    <>
      <Names recording={r} />
      <div
        ref={stack}
        class="signal-stack"
        onPointerDown={pointer.down}
        onPointerMove={pointer.move}
        onPointerUp={pointer.up}
        onPointerCancel={pointer.cancel}
        onPointerLeave={pointer.leave}
        onContextMenu={pointer.menu}
      >
        <DrawnCanvas draw={behind} class="signal-behind" />
        <TraceCanvas recording={r} />
        <DrawnCanvas draw={over} class="signal-over" />
        <Building recording={r} />
      </div>
    </>
  );
}
