// Registers what this feature adds to the page: sessions and files.

import { addKey } from '../shell/keys';
import { addPanel } from '../shell/panels';
import './export.css';
import { ExportPanel, saveSessionByKey } from './panel';

addPanel({ id: 'export', title: 'Export', kinds: ['movie', 'signals'], order: 70, Component: ExportPanel });
addKey({ keys: ['Ctrl+s'], kinds: 'any', help: 'Save the session', run: saveSessionByKey });
