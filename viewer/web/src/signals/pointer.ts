// The pointer over the traces: drag pans, the wheel scrolls, with Ctrl it zooms, with Shift a drag marks a range.

import { signal } from '@preact/signals';
import type { Recording } from '../api/types';
import { signalView, type Stretch } from '../state/signals';
import { laneAt } from './lanes';
import { markKind } from './marked';
import { rateOf, scrollBy, showStretch, toggleBad, zoomBy } from './view_actions';

export const draft = signal<Stretch | null>(null); // a range that is being marked
export const pointed = signal<number | null>(null); // channel under the pointer

interface Drag {
  x: number;
  y: number;
  first: number;
  isMarking: boolean;
  hasMoved: boolean;
}

function share(element: HTMLElement, x: number): number {
  const rect = element.getBoundingClientRect();
  return (x - rect.left) / Math.max(1, rect.width);
}

const wheelStep = (delta: number, mode: number) => (mode === 1 ? delta * 33 : mode === 2 ? delta * 300 : delta) / 100;

export function pointerOf(r: Recording) {
  const view = signalView(r);
  let drag: Drag | null = null;
  const timeAt = (element: HTMLElement, x: number) => (view.first.value + Math.max(0, Math.min(1, share(element, x))) * view.count.value) / rateOf(r);

  function hover(element: HTMLElement, event: PointerEvent) {
    const rect = element.getBoundingClientRect();
    const channel = laneAt(view, (event.clientY - rect.top) / Math.max(1, rect.height));
    view.cursor_s.value = timeAt(element, event.clientX);
    pointed.value = channel ?? null;
  }

  function down(event: PointerEvent) {
    if (event.button !== 0) return;
    const element = event.currentTarget as HTMLElement;
    element.setPointerCapture(event.pointerId);
    drag = { x: event.clientX, y: event.clientY, first: view.first.value, isMarking: event.shiftKey, hasMoved: false };
    const at = timeAt(element, event.clientX);
    if (event.shiftKey) draft.value = { first_s: at, last_s: at, label: markKind.value };
  }

  function move(event: PointerEvent) {
    const element = event.currentTarget as HTMLElement;
    hover(element, event);
    if (!drag) return;
    drag.hasMoved ||= Math.abs(event.clientX - drag.x) > 3;
    if (drag.isMarking && draft.value) draft.value = { ...draft.value, last_s: timeAt(element, event.clientX) };
    else if (drag.hasMoved) showStretch(r, drag.first - ((event.clientX - drag.x) / Math.max(1, element.clientWidth)) * view.count.value, view.count.value);
  }

  function up() {
    const made = draft.value;
    draft.value = null;
    if (made && drag?.hasMoved)
      view.marked.value = [...view.marked.value, { ...made, first_s: Math.min(made.first_s, made.last_s), last_s: Math.max(made.first_s, made.last_s) }].sort((a, b) => a.first_s - b.first_s);
    else if (drag && !drag.hasMoved && pointed.value !== null) view.chosen.value = pointed.value;
    drag = null;
  }

  function cancel() {
    draft.value = null;
    drag = null;
  }

  function leave() {
    if (drag) return;
    view.cursor_s.value = null;
    pointed.value = null;
  }

  function wheel(event: WheelEvent) {
    event.preventDefault();
    const element = event.currentTarget as HTMLElement;
    if (event.ctrlKey || event.metaKey) zoomBy(r, 1.3 ** wheelStep(event.deltaY, event.deltaMode), share(element, event.clientX));
    else scrollBy(r, 0.1 * wheelStep(event.deltaY + event.deltaX, event.deltaMode));
  }

  function menu(event: MouseEvent) {
    if (pointed.value === null) return;
    event.preventDefault();
    toggleBad(r, pointed.value);
  }

  return { down, move, up, cancel, leave, wheel, menu };
}
