// What the pointer is over, as one line of text.

import { computed } from '@preact/signals';
import type { Recording } from '../api/types';
import { numberText } from '../shell/texts';
import { signalView } from '../state/signals';
import { withUnit } from './channel_text';
import { columnsOf, makeColumns } from './columns';
import { overlayOf } from './overlay';
import { pointed } from './pointer';
import { feedOf, stepFor, type TileFeed } from './tiles';
import { painted } from './trace_canvas';
import { clockText, secondsText } from './times';
import { rateOf } from './view_actions';

const columns = makeColumns(1);

// The sample next to it, or between which values the channel runs there if samples are not on the screen.
function valueText(feed: TileFeed, channel: number, at: number, perPixel: number): string {
  const unit = feed.recording.channels[channel]?.unit ?? '';
  const exact = feed.sample(channel, Math.round(at));
  if (!Number.isNaN(exact)) return withUnit(numberText(exact, 6), unit);
  columnsOf(feed, channel, stepFor(perPixel), feed.recording.n_times, { first: at - perPixel / 2, perPixel, width: 1 }, columns);
  const [low, high] = [columns.low[0] ?? NaN, columns.high[0] ?? NaN];
  return Number.isNaN(low) ? 'no value' : withUnit(`${numberText(low, 5)} to ${numberText(high, 5)}`, unit);
}

export function makeReadout(r: Recording) {
  return computed(() => {
    const view = signalView(r);
    const time = view.cursor_s.value;
    const channel = pointed.value;
    void painted.value;
    if (time === null) return '';
    const digits = Math.max(1, Math.min(6, Math.ceil(-Math.log10(view.count.value / rateOf(r) / 1000))));
    const clock = clockText(r, time, 3);
    const when = `${secondsText(time, digits)}${clock && ` (${clock})`}`;
    if (channel === null) return when;
    const perPixel = view.count.value / 1200;
    const at = time * rateOf(r);
    const overlay = overlayOf(r);
    const there = overlay?.channelOf.get(channel);
    const second = overlay && there !== undefined ? `; ${overlay.recording.label}: ${valueText(overlay.feed, there, at - overlay.shift, perPixel)}` : '';
    return `${when}  ${r.channels[channel]?.name ?? ''}: ${valueText(feedOf(r), channel, at, perPixel)}${second}`;
  });
}
