// What is computed for the movie on the screen, one of each kind; results of frames are kept while the movie is open.

import { onClosed } from '../state/kept';
import type { EventLines } from './event_lines';
import type { Isolines } from './isolines';
import { Live } from './live';
import type { Sheet } from './sheets';

export const live = {
  isolines: new Live<Isolines>(),
  hillshade: new Live<Sheet>(),
  drainage: new Live<Sheet>(),
  events: new Live<EventLines>(),
};

const all = Object.values(live);
onClosed(
  () => new Set(all.flatMap((one) => [...one.ids()])),
  (id) => all.forEach((one) => one.forget(id)),
);
