// Registers what this feature adds to the page.

import '../image/image.css';
import { addPanel } from '../shell/panels';
import { addMovieKeys } from './keys';
import './movie.css';
import { addImageTools } from './overlays';
import { ViewPanel } from './view_panel';

addImageTools();
addMovieKeys();
addPanel({ id: 'view', title: 'View', kinds: ['movie'], order: 0, Component: ViewPanel });
