// Registers what this feature adds to the page: the chain, its jobs, and analyses at a click.

import { activePanel, addPanel } from '../shell/panels';
import { addKey } from '../shell/keys';
import { current } from '../state/app';
import './chains.css';
import './motion';
import { ChainPanel } from './panel';
import { JobsPanel } from './jobs_panel';
import { ExplorePanel } from './explore_panel';

addPanel({ id: 'chain', title: 'Chain', kinds: ['movie', 'signals'], order: 50, Component: ChainPanel });
addPanel({ id: 'explore', title: 'Explore', kinds: ['movie'], order: 40, Component: ExplorePanel });
addPanel({ id: 'jobs', title: 'Jobs', kinds: ['movie', 'signals'], order: 60, Component: JobsPanel });

const show = (id: string) => {
  const kind = current.value?.kind;
  if (kind) activePanel.value = { ...activePanel.value, [kind]: id };
};

addKey({ keys: ['k'], kinds: 'any', help: 'Chain', run: () => show('chain') });
addKey({ keys: ['j'], kinds: 'any', help: 'Jobs', run: () => show('jobs') });
