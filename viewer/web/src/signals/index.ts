// Registers what this feature adds to the page.

import { addPanel } from '../shell/panels';
import { ChannelsPanel } from './channels_panel';
import { EpochsPanel } from './epochs_panel';
import { EventsPanel } from './events_panel';
import { MarksPanel } from './marks_panel';
import { MetricsPanel } from './metrics_panel';
import { SpectrumPanel } from './spectrum_panel';
import './keys';
import './signals.css';

addPanel({ id: 'view', title: 'Channels', kinds: ['signals'], order: 10, Component: ChannelsPanel });
addPanel({ id: 'events', title: 'Events', kinds: ['signals'], order: 15, Component: EventsPanel });
addPanel({ id: 'epochs', title: 'Triggers', kinds: ['signals'], order: 20, Component: EpochsPanel });
addPanel({ id: 'spectrum', title: 'Spectrum', kinds: ['signals'], order: 25, Component: SpectrumPanel });
addPanel({ id: 'metrics', title: 'Quality', kinds: ['signals'], order: 30, Component: MetricsPanel });
addPanel({ id: 'marks', title: 'Marks', kinds: ['signals'], order: 35, Component: MarksPanel });
