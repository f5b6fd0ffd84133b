// Registers what this feature adds to the page: what is drawn live over the image, and its panel and keys.

import { addOverlay } from '../image/tool';
import { addKey } from '../shell/keys';
import { addPanel } from '../shell/panels';
import { current } from '../state/app';
import type { OverlayName } from '../state/overlays';
import { EventOverlay } from './event_overlay';
import { followMovies } from './follow';
import { IsolinesOverlay } from './isolines_overlay';
import './overlays.css';
import { OverlaysPanel } from './panel';
import { toggle } from './settings';

addOverlay({ id: 'isolines', Component: IsolinesOverlay });
addOverlay({ id: 'event-lines', Component: EventOverlay });
addPanel({ id: 'overlays', title: 'Overlays', kinds: ['movie'], order: 30, Component: OverlaysPanel });

const keys: [string, OverlayName, string][] = [
  ['I', 'isolines', 'Isolines'],
  ['S', 'hillshade', 'Hillshade'],
  ['D', 'drainage', 'Drainage'],
  ['E', 'events', 'Event lines'],
];
for (const [key, name, title] of keys)
  addKey({ keys: [key], kinds: ['movie'], help: `${title} over the image on or off (capital letter)`, run: () => current.value && toggle(current.value, name) });

followMovies();
