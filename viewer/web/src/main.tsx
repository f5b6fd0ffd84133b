import { render } from 'preact';
import { App } from './shell/app';
import { start, tell } from './state/app';
import './styles.css';
import './movie';
import './zones';
import './signals';
import './chains';
import './overlays';
import './export';

render(<App />, document.getElementById('app') as HTMLElement);
tell(start());
