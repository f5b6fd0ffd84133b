// Named zones of an image, shared by the drawing tools, the time courses, chains and sessions.

import { signal } from '@preact/signals';
import type { Zone } from '../api/types';

export const zones = signal<Zone[]>([]);
export const chosenZone = signal(''); // name
