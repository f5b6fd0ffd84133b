// A report: the viewer's parts around data that the page holds. Nothing is asked for, from nowhere.

import './storage'; // before all that may want it
import { render } from 'preact';
import '../styles.css';
import '../image/image.css';
import '../movie/movie.css';
import './report.css';
import { saveJson, stem } from '../export/save';
import { theme, type Theme } from '../state/app';
import { readReport, type Report } from './data';
import { Parts } from './parts';
import { print } from './printing';

const themes: Theme[] = ['system', 'light', 'dark'];

function Head({ report }: { report: Report }) {
  const turn = () => (theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system');
  return (
    <div class="report-bar no-print">
      <span class="brand">limpid</span>
      <span class="grow" />
      <button type="button" class="quiet" title="Light, dark, or as the system" onClick={turn}>
        Theme: {theme.value}
      </button>
      <button type="button" class="quiet" title="All that this page shows, for programs" onClick={() => saveJson(report, `${stem(report.title)}.report.json`)}>
        Save data
      </button>
      <button type="button" class="quiet" onClick={print}>
        Print
      </button>
    </div>
  );
}

function Page({ report }: { report: Report }) {
  return (
    <>
      <Head report={report} />
      <header>
        <div class="made">{report.brand}</div>
        <h1>{report.title}</h1>
      </header>
      <Parts parts={report.parts} />
      <footer>Made by limpid {report.limpid}. This page is complete in itself: it loads nothing, and its numbers are in it as JSON (script element “report-data”).</footer>
    </>
  );
}

const place = document.getElementById('report');
const report = readReport();
if (place && report) {
  document.title = `${report.title} – limpid report`;
  render(<Page report={report} />, place);
} else if (place) render(<p>There is no report in this page.</p>, place);
