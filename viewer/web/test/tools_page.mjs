// What tests of zones, chains and exports do on the page.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { openPage, startView } from './browser.mjs';

export let view;
export let window;
export let page;

// Starts the viewer and its page, and waits for what `ready` finds on it.
export async function open(args, ready) {
  view = await startView(args);
  window = await openPage(view.url, { permissions: ['clipboard-read', 'clipboard-write'] });
  page = window.page;
  page.setDefaultTimeout(15000);
  await ready(page);
  await page.waitForTimeout(300);
}

export async function close() {
  const errors = window.errors.filter((e) => !/status of 4\d\d/.test(e));
  await window.close();
  assert.equal(await view.stop(), 0);
  assert.deepEqual(errors, []);
}

// Where a point of the image is on the screen.
export const place = (x, y) =>
  page.evaluate(
    ([px, py]) => {
      const zones = document.querySelector('g.zones');
      const [vx, vy, scale] = zones.dataset.view.split(' ').map(Number);
      const rect = zones.ownerSVGElement.getBoundingClientRect();
      return [rect.left + (px - vx) * scale, rect.top + (py - vy) * scale];
    },
    [x, y],
  );

export async function drag(from, to, stops = 4) {
  const [a, b] = [await place(...from), await place(...to)];
  await page.mouse.move(...a);
  await page.mouse.down();
  for (let i = 1; i <= stops; i++) await page.mouse.move(a[0] + ((b[0] - a[0]) * i) / stops, a[1] + ((b[1] - a[1]) * i) / stops);
  await page.mouse.up();
}

export async function clickAt(...points) {
  for (const p of points) await page.mouse.click(...(await place(...p)));
}

export async function tool(key) {
  await page.locator('.image').focus();
  await page.keyboard.press(key);
}

export const panel = (title) => page.getByRole('tab', { name: title, exact: true }).click();

export async function download(act) {
  const [file] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

export const button = (name) => page.getByRole('button', { name, exact: true });

export function readCsv(text) {
  const [head, ...rows] = text.trim().split('\n').map((l) => l.split(','));
  return { head, rows };
}

// Columns of zones, whatever stands before them.
export function courses(text, names) {
  const { head, rows } = readCsv(text);
  return names.map((n) => {
    const at = head.findIndex((h) => h === n || h.startsWith(`${n} `));
    assert.notEqual(at, -1, `${n} in ${head}`);
    return rows.map((r) => Number(r[at]));
  });
}

export function assertClose(got, want, what) {
  assert.equal(got.length, want.length, what);
  want.forEach((w, i) => assert.ok(Math.abs(got[i] - w) <= 1e-9 * Math.max(1, Math.abs(w)), `${what}, frame ${i}: ${got[i]} is not ${w}`));
}

export async function addStep(name) {
  await page.getByLabel('Add a step').fill(name);
  await page.keyboard.press('Enter');
}

export const plan = () => page.waitForSelector('.needs .command');
