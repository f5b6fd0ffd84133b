// The frame of the page: tabs of recordings above, the view, the tabs of its features at the right, status below.

import { useEffect } from 'preact/hooks';
import { MovieMain } from '../movie/movie_view';
import { SignalMain } from '../signals/signal_view';
import { current, dismiss, notices, theme, type Theme } from '../state/app';
import { keepResultsFew } from '../state/results';
import { HelpWindow } from './help';
import { isHelpOpen, listenToKeys } from './keys';
import { OpenWindow, isOpenWindowShown } from './open';
import { activePanel, panels } from './panels';
import { StatusBar } from './status';
import { Tabs } from './tabs';

const themes: Theme[] = ['system', 'light', 'dark'];

function Header() {
  return (
    <header class="header">
      <span class="brand">limpid</span>
      <Tabs />
      <span class="grow" />
      <button type="button" class="quiet" title="Light, dark, or as the system" onClick={() => (theme.value = themes[(themes.indexOf(theme.value) + 1) % 3] ?? 'system')}>
        {{ system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' }[theme.value]}
      </button>
      <button type="button" class="quiet" title="Keys and help (?)" onClick={() => (isHelpOpen.value = true)}>
        ?
      </button>
    </header>
  );
}

function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map((n) => (
        <div key={n.id} class={`notice is-${n.kind}`}>
          <span>{n.text}</span>
          <button type="button" aria-label="Dismiss" onClick={() => dismiss(n.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}

function Side() {
  const recording = current.value;
  if (!recording) return null;
  const own = panels.value.filter((p) => p.kinds.includes(recording.kind));
  const active = own.find((p) => p.id === activePanel.value[recording.kind]) ?? own[0];
  return (
    <aside class="side">
      <nav class="side-tabs" role="tablist">
        {own.map((p) => (
          <button
            key={p.id}
            type="button"
            role="tab"
            aria-selected={p === active}
            onClick={() => (activePanel.value = { ...activePanel.value, [recording.kind]: p.id })}
          >
            {p.title}
          </button>
        ))}
      </nav>
      <div class="side-body" role="tabpanel">
        {active && <active.Component key={recording.id} recording={recording} />}
      </div>
    </aside>
  );
}

function Empty() {
  return (
    <div class="empty">
      <p>No recording is open.</p>
      <button type="button" onClick={() => (isOpenWindowShown.value = true)}>
        Open a movie or a recording of signals…
      </button>
    </div>
  );
}

export function App() {
  useEffect(listenToKeys, []);
  useEffect(keepResultsFew, []);
  const recording = current.value;
  useEffect(() => {
    document.title = recording ? `${recording.label} · limpid` : 'limpid';
  }, [recording]);
  return (
    <div class="app">
      <Header />
      <main class="main">
        {recording === null && <Empty />}
        {recording?.kind === 'movie' && <MovieMain key={recording.id} recording={recording} />}
        {recording?.kind === 'signals' && <SignalMain key={recording.id} recording={recording} />}
      </main>
      <Side />
      <StatusBar />
      <Notices />
      {isHelpOpen.value && <HelpWindow />}
      {isOpenWindowShown.value && <OpenWindow />}
    </div>
  );
}
