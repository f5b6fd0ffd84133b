// Movies over time: playing, keys that are held, scrubbing.
// Run with: node --test --test-reporter=tap test/play.test.mjs (LIMPID: the program)

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onTimeline, opened, probe, settled, shows, skip } from './movie_page.mjs';

// Every frame that comes to the screen, in order, and how many requests for frames were under way at once.
async function watched(page) {
  const seen = { most: 0, now: 0 };
  const isFrame = (request) => /\/frames\/\d+(\?|$)/.test(request.url());
  page.on('request', (r) => isFrame(r) && (seen.most = Math.max(seen.most, ++seen.now)));
  for (const name of ['requestfinished', 'requestfailed']) page.on(name, (r) => isFrame(r) && seen.now--);
  await page.evaluate(() => {
    window.shown = [];
    const element = document.querySelector('.probe');
    new MutationObserver(() => {
      const frame = Number(element.querySelector('b')?.textContent);
      if (window.shown.at(-1) !== frame) window.shown.push(frame);
    }).observe(element, { subtree: true, childList: true, characterData: true });
  });
  return { seen, shown: () => page.evaluate(() => window.shown) };
}

test('a held arrow key leaves nothing behind, however slow the server', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.focus('.image');
  await page.route(/\/frames\/\d+(\?|$)/, async (route) => {
    await new Promise((done) => setTimeout(done, 70));
    await route.continue().catch(() => {}); // given up meanwhile
  });
  const { seen, shown } = await watched(page);
  for (let i = 0; i < 60; i++) {
    await page.keyboard.down('ArrowRight'); // repeats, as a held key does
    await page.waitForTimeout(12);
  }
  await page.keyboard.up('ArrowRight');
  await page.waitForFunction(() => document.querySelector('.probe b').textContent === document.querySelector('[aria-label="frame"]').value);
  const atRelease = await shown();
  await page.waitForTimeout(900);
  const later = await shown();
  assert.deepEqual(later, atRelease, 'no frame comes after the key is released');
  assert.ok(later.length >= 3, `frames are shown while it is held: ${later}`);
  assert.ok(later.every((frame, i) => i === 0 || frame > later[i - 1]), `never back: ${later}`);
  assert.ok(seen.most <= 2, `at most one request (and one given up) at a time, not ${seen.most}`);
  assert.equal(await page.inputValue('[aria-label="frame"]'), String(later.at(-1)));
});

test('scrubbing with a slow server ends at the frame that was chosen last', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.route(/\/frames\/\d+(\?|$)/, async (route) => {
    await new Promise((done) => setTimeout(done, 60));
    await route.continue().catch(() => {});
  });
  const { shown } = await watched(page);
  await page.mouse.move(...(await onTimeline(page, 2, 60)));
  await page.mouse.down();
  for (let frame = 3; frame <= 55; frame++) await page.mouse.move(...(await onTimeline(page, frame, 60)));
  await page.mouse.move(...(await onTimeline(page, 20, 60)));
  await page.mouse.up();
  await shows(page, 20);
  await page.waitForTimeout(500);
  assert.equal((await shown()).at(-1), 20);
  assert.match(await probe(page), /^20 /);
});

test('plays by the clock, forwards, backwards, within the range', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.focus('.image');
  await page.fill('[aria-label="speed"]', '12');
  await page.keyboard.press('Enter');
  await page.focus('.image');
  const { shown } = await watched(page);
  const begin = Date.now();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => Number(document.querySelector('.probe b').textContent) >= 12);
  await page.keyboard.press('Space');
  const seconds = (Date.now() - begin) / 1000;
  await settled(page);
  const frames = await shown();
  assert.ok(frames.every((frame, i) => i === 0 || frame > frames[i - 1]), `onwards: ${frames}`);
  const last = frames.at(-1);
  assert.ok(last <= 12 * seconds + 1, `${last} frames in ${seconds} s are more than 12 in each`);
  await page.waitForTimeout(300);
  assert.equal((await shown()).at(-1), last, 'it stopped');
  await page.getByRole('button', { name: 'Play backwards' }).click();
  await page.waitForFunction((frame) => Number(document.querySelector('.probe b').textContent) < frame, last);
  await page.fill('[aria-label="frame"]', '40');
  await page.waitForFunction((frame) => Number(document.querySelector('.probe b').textContent) < frame - 2, last);
  assert.equal(await page.inputValue('[aria-label="frame"]'), '40', 'what is typed stays while frames go by');
});
