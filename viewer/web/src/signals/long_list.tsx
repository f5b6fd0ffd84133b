// A list of any length: only the lines that can be seen exist.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const lineHeight = 20;
const spare = 6;

interface Props {
  count: number;
  height: number; // pixels
  line(i: number): ComponentChildren; // an element that is placed by `at`
  goTo?: number; // is brought into sight when it changes; -1: nowhere
  label: string;
}

export const lineStyle = (i: number) => ({ top: `${i * lineHeight}px`, height: `${lineHeight}px` });

export function LongList({ count, height, line, goTo = -1, label }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  useEffect(() => {
    const element = host.current;
    if (!element || goTo < 0) return;
    const at = goTo * lineHeight;
    if (at < element.scrollTop || at > element.scrollTop + height - lineHeight) element.scrollTop = at - height / 2;
  }, [goTo]);
  const from = Math.max(0, Math.floor(top.value / lineHeight) - spare);
  const to = Math.min(count, Math.ceil((top.value + height) / lineHeight) + spare);
  return (
    <div ref={host} class="signal-scroll" style={{ height: `${Math.min(height, count * lineHeight + 2)}px` }} role="list" aria-label={label} onScroll={(e) => (top.value = e.currentTarget.scrollTop)}>
      <div style={{ height: `${count * lineHeight}px` }}>{Array.from({ length: Math.max(0, to - from) }, (_, i) => line(from + i))}</div>
    </div>
  );
}
