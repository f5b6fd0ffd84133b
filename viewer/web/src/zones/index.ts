// Registers what this feature adds to the page: the tools that draw zones, their overlay, their panel and keys.

import { addOverlay } from '../image/tool';
import { addPanel } from '../shell/panels';
import './keys';
import './mask';
import './tools';
import './zones.css';
import { ZonesOverlay } from './overlay';
import { ZonesPanel } from './panel';

addOverlay({ id: 'zones', Component: ZonesOverlay });
addPanel({ id: 'zones', title: 'Zones', kinds: ['movie'], order: 20, Component: ZonesPanel });
