// The axis of time below the traces.

import type { Recording } from '../api/types';
import { DrawnCanvas } from '../plot/drawn';
import { css } from '../plot/theme_colours';
import { placeOf, spanOf, timeTicks } from './event_marks';
import { clockText, timeText } from './times';

export function TimeAxis({ recording: r }: { recording: Recording }) {
  const draw = (c: CanvasRenderingContext2D, width: number) => {
    const span = spanOf(r, width);
    const { step, at } = timeTicks(span);
    const isLong = span.last_s > 300;
    c.fillStyle = css('--ink-2');
    c.strokeStyle = css('--ink-2');
    c.textBaseline = 'top';
    c.textAlign = 'center';
    for (const t of at) {
      const x = Math.round(placeOf(span, t)) + 0.5;
      c.beginPath();
      c.moveTo(x, 0);
      c.lineTo(x, 4);
      c.stroke();
      const text = timeText(t, step, isLong);
      const half = c.measureText(text).width / 2;
      if (x + half < width - 40) c.fillText(text, Math.max(half + 1, x), 6);
    }
    c.textAlign = 'right';
    c.fillText(isLong ? 'h:min:s' : 's', width - 2, 6);
  };
  return (
    <>
      <span class="signal-corner dim">{clockText(r, spanOf(r, 1).first_s)}</span>
      <DrawnCanvas class="signal-axis" draw={draw} label="Time" />
    </>
  );
}

