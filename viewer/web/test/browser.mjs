// For tests that drive the real page in a real browser against the real server.
//
// LIMPID: the program (default: limpid of the build folder given as MESON_BUILD_ROOT); LIMPID_CHROMIUM: the browser.
// LIMPID_ROOT: the project's folder. A test that cannot run says why and is skipped: see `missing`.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Real recordings, which a user's clone does not have.
export const sharedData = join(process.env.LIMPID_ROOT ?? fileURLToPath(new URL('../../..', import.meta.url)), '../shared/data');

export const limpid = process.env.LIMPID ?? (process.env.MESON_BUILD_ROOT ? join(process.env.MESON_BUILD_ROOT, 'limpid') : 'limpid');
const chromium = process.env.LIMPID_CHROMIUM ?? '/usr/bin/chromium';

// Runs the program to its end; gives what it prints.
export const run = (args, options = {}) => execFileSync(limpid, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options });

// Why tests cannot run here; "" if they can.
export function missing() {
  const asked = spawnSync(limpid, ['view'], { encoding: 'utf8' });
  if (asked.error) return `${limpid} cannot be run`;
  if (asked.stderr.includes('built without its viewer')) return 'limpid view is not built';
  return existsSync(chromium) ? '' : `${chromium} is not there`;
}

export function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), 'limpid-page-'));
  return { path, file: (name) => join(path, name), remove: () => rmSync(path, { recursive: true, force: true }) };
}

// Starts `limpid view` and waits for its address. stop() ends it and gives its exit code.
export function startView(args, options = {}) {
  const child = spawn(limpid, ['view', ...args, '--no-browser'], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let printed = '';
  let said = '';
  child.stderr.on('data', (d) => (said += d));
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  const stop = async () => {
    child.kill('SIGTERM');
    return ended;
  };
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (d) => {
      printed += d;
      const url = /http:\/\/\S+/.exec(printed)?.[0];
      if (url && printed.includes('\n')) resolve({ url, stop, child, said: () => said });
    });
    child.on('error', reject);
    ended.then((code) => reject(new Error(`limpid view ended with ${code}: ${said}`)));
  });
}

const flags = ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

// One browser serves all pages of a test file, each in a context of its own: starting it takes longer than most tests. It
// ends when no page was opened for a moment.
let running = null;

async function enter() {
  const { chromium: driver } = await import('playwright-core');
  running ??= { browser: driver.launch({ executablePath: chromium, args: flags }), pages: 0 };
  running.pages++;
  return running;
}

async function leave(left) {
  left.pages--;
  await new Promise((done) => setTimeout(done, 300));
  if (left.pages > 0 || running !== left) return;
  running = null;
  await (await left.browser).close();
}

// A page at that address. Errors of the page are gathered in `errors`. close() ends it.
export async function openPage(url, { width = 1366, height = 768, ...context } = {}) {
  const entered = await enter();
  const browser = await entered.browser;
  const opened = await browser.newContext({ viewport: { width, height }, acceptDownloads: true, ...context });
  const page = await opened.newPage();
  const errors = [];
  page.on('pageerror', (e) => errors.push(`${e.name}: ${e.message}`));
  page.on('console', (m) => {
    if (m.type() === 'error') errors.push(m.text());
  });
  const close = async () => {
    await opened.close();
    void leave(entered);
  };
  await page.goto(url);
  return { browser, page, errors, close };
}
