// The tabs at the right. A feature adds its own; which are there depends on the kind of recording.

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { Kind, Recording } from '../api/types';

export interface Panel {
  id: string;
  title: string;
  kinds: Kind[];
  order: number;
  Component: ComponentType<{ recording: Recording }>;
}

export const panels = signal<Panel[]>([]);
export const activePanel = signal<Record<Kind, string>>({ movie: 'view', signals: 'view' });

export function addPanel(panel: Panel) {
  panels.value = [...panels.value.filter((p) => p.id !== panel.id || p.kinds[0] !== panel.kinds[0]), panel].sort((a, b) => a.order - b.order);
}
