// The page's view of movies, driven as a user would, against numbers read from the files themselves.
// Run with: node --test --test-reporter=tap test/movie.test.mjs (LIMPID: the program)

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage, run, startView } from './browser.mjs';
import { checkGrey, close, fitted, floats, folder, goTo, limits, makeColours, onTimeline, openTab, opened, pixels, place, probe, series, settled, shows, skip } from './movie_page.mjs';
import { frameOf, percentile, readNpy, writeNpy } from './npy.mjs';

for (const [name, fragment, layer] of [['WebGL2', '', 'webgl2'], ['Canvas2D', '#canvas', 'canvas2d']])
  test(`${name}: colours of all pixels are those of the numbers`, { skip }, async (t) => {
    const { page, errors } = await opened(t, fragment);
    assert.equal(await page.getAttribute('.image-canvas', 'data-layer'), layer);
    for (const k of [0, 17]) {
      await goTo(page, k);
      const frame = frameOf(series, k);
      await checkGrey(page, frame, frame.min, frame.max);
    }
    assert.deepEqual(errors, []);
  });

test('Canvas2D draws the same pixels as WebGL2', { skip }, async (t) => {
  const [a, b] = [await opened(t), await opened(t, '#canvas')];
  for (const name of ['series', 'floats', 'colours'])
    for (const turn of [0, 700, -1500]) {
      const seen = [];
      for (const { page } of [a, b]) {
        await openTab(page, name);
        await page.focus('.image');
        await page.keyboard.press('0');
        const box = await page.locator('.image').boundingBox();
        await page.mouse.move(box.x + 400.5, box.y + 201.5);
        if (turn !== 0) await page.mouse.wheel(0, -turn);
        await settled(page);
        seen.push(await pixels(page));
      }
      assert.equal(seen[0].width, seen[1].width);
      const different = seen[0].bytes.reduce((n, v, i) => n + (v === seen[1].bytes[i] ? 0 : 1), 0);
      assert.ok(different <= seen[0].bytes.length * 1e-4, `${name}, wheel ${turn}: ${different} of ${seen[0].bytes.length} bytes differ`);
    }
  await checkFar([a.page, b.page], t);
});

// Neighbours that float32 does not tell apart.
async function checkFar(pages, t) {
  const [n, height, width] = [2, 24, 32];
  const numbers = (base, step) => Array.from({ length: n * height * width }, (_, i) => base + step * ((i * 37) % 199));
  const movies = { whole: { shape: [n, height, width], values: Int32Array.from(numbers(2 ** 30, 1)) }, fine: { shape: [n, height, width], values: Float64Array.from(numbers(1e12, 1 / 16)) } };
  writeNpy(folder.file('whole.npy'), '<i4', movies.whole.shape, movies.whole.values);
  writeNpy(folder.file('fine.npy'), '<f8', movies.fine.shape, movies.fine.values);
  const far = await startView([folder.file('whole.npy'), folder.file('fine.npy')]);
  t.after(far.stop);
  for (const page of pages) {
    await page.goto(far.url + (page === pages[1] ? '#canvas' : ''));
    for (const [name, movie] of Object.entries(movies)) {
      await openTab(page, name);
      for (const k of [0, 1]) {
        await goTo(page, k);
        const frame = frameOf(movie, k);
        await checkGrey(page, frame, frame.min, frame.max);
      }
    }
  }
}

test('contrast: extremes of all pixels, of all frames, percentiles, by hand', { skip }, async (t) => {
  const { page } = await opened(t);
  const frame = frameOf(series, 9);
  await goTo(page, 9);
  assert.deepEqual(await limits(page), [frame.min, frame.max]);
  await page.getByRole('radio', { name: 'Movie' }).click();
  const [low, high] = [series.values.reduce((a, b) => Math.min(a, b)), series.values.reduce((a, b) => Math.max(a, b))];
  await page.waitForFunction(([l, h]) => document.querySelector('[aria-label="low"]').value === String(l) && document.querySelector('[aria-label="high"]').value === String(h), [low, high]);
  await page.getByRole('radio', { name: 'Trim' }).click();
  await page.fill('[aria-label="Percent left out at each end"]', '2.5');
  await page.keyboard.press('Enter');
  await settled(page);
  const trimmed = await limits(page);
  close(trimmed[0], percentile(frame.values, 2.5));
  close(trimmed[1], percentile(frame.values, 97.5));
  await page.fill('[aria-label="low"]', '100');
  await page.fill('[aria-label="high"]', '150');
  await page.keyboard.press('Enter');
  await goTo(page, 10);
  assert.deepEqual(await limits(page), [100, 150], 'contrast by hand stays with the next frame');
  await checkGrey(page, frameOf(series, 10), 100, 150);
});

test('missing values have a colour of their own and no part in the contrast; values around 0 get two colours', { skip }, async (t) => {
  const { page } = await opened(t);
  await openTab(page, 'floats');
  const frame = frameOf(floats, 0);
  const most = Math.max(-frame.min, frame.max);
  const [low, high] = await limits(page);
  close(low, -most);
  close(high, most);
  const canvas = await pixels(page);
  const where = fitted(frame, canvas);
  assert.deepEqual(canvas.at(...where(7, 5)), [94, 60, 108]);
  for (let x = 0; x < frame.width; x++) {
    const [red, , blue] = canvas.at(...where(x, 3));
    if (frame.at(3, x) > 5) assert.ok(red > blue, `column ${x} is red`);
    if (frame.at(3, x) < -5) assert.ok(blue > red, `column ${x} is blue`);
  }
});

test('colour images are shown in their colours', { skip }, async (t) => {
  const { page } = await opened(t);
  await openTab(page, 'colours');
  await page.fill('[aria-label="low"]', '0');
  await page.fill('[aria-label="high"]', '255');
  await page.keyboard.press('Enter');
  await settled(page);
  const frame = frameOf(makeColours(), 0);
  const canvas = await pixels(page);
  const where = fitted(frame, canvas);
  for (const [x, y] of [[0, 0], [29, 19], [13, 7]])
    assert.deepEqual(canvas.at(...where(x, y)), [0, 1, 2].map((c) => place(frame.at(y, x, c), 0, 255)));
});

// Frames too large to be sent whole at once are drawn from means first; what is said about them is exact all the same.
function makeLarge() {
  const shape = [3, 2400, 2600];
  const values = new Uint16Array(shape[0] * shape[1] * shape[2]);
  for (let i = 0; i < values.length; i++) values[i] = 1000 + ((i * 40503) % 257) + Math.floor(i / (shape[1] * shape[2])) * 10;
  values[2600 * 1111 + 1313] = 60000;
  return { shape, values };
}

test('large frames: drawn coarse, with exact extremes and values', { skip }, async (t) => {
  const large = makeLarge();
  writeNpy(folder.file('large.npy'), '<u2', large.shape, large.values);
  const own = await startView([folder.file('large.npy')]);
  t.after(() => own.stop());
  const { page, close: end } = await openPage('about:blank');
  t.after(end);
  const asked = [];
  page.on('request', (r) => /frames\/0\?/.test(r.url()) && asked.push(new URL(r.url()).searchParams.get('level')));
  await page.goto(own.url);
  await shows(page, 0);
  await page.waitForFunction(() => document.querySelector('[aria-label="high"]').value === '60000' && document.querySelector('.probe-value b').textContent[0] !== '≈');
  assert.deepEqual(asked, ['2', '0'], 'a coarse one first, all of it a moment later');
  const frame = frameOf(large, 0);
  assert.deepEqual(await limits(page), [frame.min, frame.max]);
  assert.match(await probe(page), new RegExp(`x 1300 y 1200[^]*\\b${frame.at(1200, 1300)}$`));
  await page.fill('[aria-label="low"]', '1000');
  await page.fill('[aria-label="high"]', '1256');
  await page.keyboard.press('Enter');
  await settled(page);
  const canvas = await pixels(page);
  const where = fitted(frame, canvas);
  for (const [x, y] of [[100, 100], [1300, 1200], [2500, 2300]]) assert.ok(Math.abs(canvas.at(...where(x, y))[0] - 128) < 64, 'about the mean');
});

test('probe, crossing lines and profiles give the numbers of the file', { skip }, async (t) => {
  const { page } = await opened(t);
  await goTo(page, 5);
  const frame = frameOf(series, 5);
  const box = await page.locator('.image').boundingBox();
  const where = fitted(frame, box);
  for (const [x, y] of [[20, 30], [50, 2]]) {
    const [left, top] = where(x, y);
    await page.mouse.move(box.x + left, box.y + top);
    await settled(page);
    const text = await probe(page);
    assert.match(text, new RegExp(`x ${x} y ${y}`));
    assert.match(text, new RegExp(`\\b${frame.at(y, x)}$`));
  }
  await page.focus('.image');
  await page.keyboard.press('c');
  const [left, top] = where(40, 11);
  await page.mouse.click(box.x + left, box.y + top);
  await page.fill('[aria-label="Rows of the band"]', '5');
  await page.keyboard.press('Enter');
  const plot = await page.locator('.profile.is-above').boundingBox();
  for (const x of [0, 33, 63]) {
    await page.mouse.move(plot.x + where(x, 0)[0], plot.y + 40);
    const around = [9, 10, 11, 12, 13].map((y) => frame.at(y, x));
    await page.getByText(`column ${x}: ${frame.at(11, x)}, ${Math.min(...around)} to ${Math.max(...around)} around`).waitFor();
  }
  const side = await page.locator('.profile.is-left').boundingBox();
  await page.mouse.move(side.x + 40, side.y + where(0, 21)[1]);
  await page.getByText(`row 21: ${frame.at(21, 40)},`).waitFor();
});

test('zoom about the pointer, values of pixels, fit', { skip }, async (t) => {
  const { page } = await opened(t);
  const frame = frameOf(series, 0);
  const box = await page.locator('.image').boundingBox();
  const [left, top] = fitted(frame, box)(40, 11);
  await page.mouse.move(box.x + left, box.y + top);
  for (let i = 0; i < 10; i++) await page.mouse.wheel(0, -240);
  await settled(page);
  assert.match(await probe(page), /x 40 y 11/);
  const grey = place(frame.at(11, 40), frame.min, frame.max);
  const canvas = await pixels(page);
  for (const [dx, dy] of [[0, 0], [30, 30], [-30, 20]]) assert.ok(Math.abs(canvas.at(left + dx, top + dy)[0] - grey) <= 1, 'a pixel is wide now');
  await page.keyboard.press('0');
  await settled(page);
  await checkGrey(page, frame, frame.min, frame.max);
});


test('timeline: click, drag, wheel, keys', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.mouse.click(...(await onTimeline(page, 33, 60)));
  await shows(page, 33);
  await page.mouse.move(...(await onTimeline(page, 10, 60)));
  await page.mouse.down();
  for (let frame = 11; frame <= 52; frame++) await page.mouse.move(...(await onTimeline(page, frame, 60)));
  await page.mouse.up();
  await shows(page, 52);
  await checkGrey(page, frameOf(series, 52), frameOf(series, 52).min, frameOf(series, 52).max);
  await page.mouse.wheel(0, 100);
  await shows(page, 53);
  await page.focus('.image');
  for (const [key, frame] of [['Home', 0], ['ArrowRight', 1], ['ArrowRight', 2], ['Shift+ArrowRight', 12], ['ArrowLeft', 11], ['PageDown', 17], ['End', 59], ['ArrowRight', 59], ['PageUp', 53]]) {
    await page.keyboard.press(key);
    await shows(page, frame);
  }
});

test('range band: handles, as a block, reduced images', { skip }, async (t) => {
  const { page } = await opened(t);
  const band = await page.locator('[aria-label="Range of frames"]').boundingBox();
  const at = async (edge) => [(await onTimeline(page, edge - 0.5, 60))[0], band.y + band.height / 2];
  const drag = async (from, to) => {
    await page.mouse.move(...(await at(from)));
    await page.mouse.down();
    await page.mouse.move(...(await at(to)), { steps: 4 });
    await page.mouse.up();
  };
  await drag(0, 10.5);
  await drag(60, 29.5);
  await page.getByText('frames 10 to 29 to one image').waitFor();
  await drag(20, 25);
  await page.getByText('frames 15 to 34 to one image').waitFor();
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('Shown: mean of frames 15 to 34.').waitFor();
  await settled(page);
  const sum = [...Array(20).keys()].reduce((s, k) => s + frameOf(series, 15 + k).at(24, 32), 0);
  close(Number((await probe(page)).trim().split(/\s+/).at(-1)), sum / 20, 1e-6);
  await page.focus('.image');
  await page.keyboard.press('ArrowRight');
  await shows(page, 1);
  await page.locator('[aria-label="Range of frames"]').dblclick({ position: { x: 400, y: 10 } });
  await page.getByText('frames 0 to 59 to one image').waitFor();
});

test('live subtraction and division are those of the steps', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.selectOption('[aria-label="Subtract: where from"]', 'range');
  await page.selectOption('[aria-label="Divide by: where from"]', 'range');
  await page.locator('[aria-label="Subtract: amount"]').fill('0.75');
  await goTo(page, 7);
  run(['run', folder.file('series.npy'), 'subtract', 'from=range', 'amount=0.75', '!', 'divide', 'from=range', '--out', folder.file('live.npy'), '--quiet']);
  const frame = frameOf(readNpy(folder.file('live.npy')), 7);
  const most = Math.max(-frame.min, frame.max);
  const wanted = frame.min < 0 ? [-most, most] : [frame.min, frame.max];
  const reach = ([l, h]) => ['low', 'high'].every((name, i) => Math.abs(Number(document.querySelector(`[aria-label="${name}"]`).value) - [l, h][i]) < 1e-4);
  await page.waitForFunction(reach, wanted); // both references are there
  await page.selectOption('[aria-label="Colour map"]', 'grey');
  await settled(page);
  await checkGrey(page, frame, ...(await limits(page)), 2);
  await page.getByRole('button', { name: 'Add to chain' }).click();
  await page.getByRole('tab', { name: 'Chain' }).click();
  for (const name of ['subtract', 'divide']) await page.locator('.side-body').getByText(name, { exact: true }).first().waitFor();
});

test('a sliding window is subtracted as the step does it', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.selectOption('[aria-label="Subtract: where from"]', 'sliding');
  await page.fill('[aria-label="Frames in the window"]', '6');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'centre' }).click();
  await page.selectOption('[aria-label="Subtract: statistic"]', 'median');
  run(['run', folder.file('series.npy'), 'subtract', 'from=sliding', 'stat=median', 'window=6', 'lag=-3', 'edges=shrink', '--out', folder.file('sliding.npy'), '--quiet']);
  const made = readNpy(folder.file('sliding.npy'));
  for (const k of [20, 59, 0]) {
    await goTo(page, k);
    const frame = frameOf(made, k);
    const most = Math.max(-frame.min, frame.max);
    await page.waitForFunction((m) => Math.abs(Number(document.querySelector('[aria-label="high"]').value) - m) < 1e-4 * m, most);
  }
});

test('extremes over the range of frames lie around the profiles', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.getByText('extremes over the range of frames').click();
  const plot = await page.locator('.profile.is-above').boundingBox();
  const x = 12;
  const through = [...Array(60).keys()].map((k) => frameOf(series, k).at(24, x));
  const left = fitted(frameOf(series, 0), await page.locator('.image').boundingBox())(x, 0)[0];
  const wanted = page.getByText(`column ${x}: ${through[0]}, ${Math.min(...through)} to ${Math.max(...through)} around`);
  for (let i = 0; i < 40 && !(await wanted.isVisible()); i++) {
    await page.mouse.move(plot.x + left + (i % 2), plot.y + 40);
    await page.waitForTimeout(200);
  }
  assert.ok(await wanted.isVisible());
  assert.equal(await page.locator('.tab').count(), 3, 'what was computed for it is closed again');
});

test('pins keep their values in sight, the probe is copied', { skip }, async (t) => {
  const { page } = await opened(t);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const box = await page.locator('.image').boundingBox();
  const where = fitted(frameOf(series, 0), box);
  const click = async (x, y) => page.mouse.click(box.x + where(x, y)[0], box.y + where(x, y)[1]);
  await page.focus('.image');
  await page.keyboard.press('i');
  await click(20, 30);
  await click(44, 8);
  await goTo(page, 3);
  const frame = frameOf(series, 3);
  assert.deepEqual((await page.locator('.pins text').allTextContents()).map(Number), [frame.at(30, 20), frame.at(8, 44)]);
  await page.keyboard.press('Control+c');
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `frame 3\tx 44\ty 8\tvalue ${frame.at(8, 44)}`);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.pins text').count(), 0);
});

test('side by side and swipe show both recordings at the same place', { skip }, async (t) => {
  run(['run', folder.file('series.npy'), 'clip', 'low=0', 'high=110', '--out', folder.file('clipped.npy'), '--overwrite', '--quiet']);
  const own = await startView([folder.file('series.npy'), folder.file('clipped.npy')]);
  t.after(() => own.stop());
  const { page, close: end } = await openPage(own.url);
  t.after(end);
  await shows(page, 0);
  await page.getByRole('radio', { name: 'Side by side' }).click();
  await page.keyboard.press('0');
  await goTo(page, 4);
  const [frame, second] = [frameOf(series, 4), frameOf(readNpy(folder.file('clipped.npy')), 4)];
  await settled(page);
  const canvas = await pixels(page);
  const width = Math.floor((canvas.width - 2) / 2);
  const where = fitted(frame, { width, height: canvas.height });
  for (const [x, y] of [[10, 10], [32, 24], [60, 40]]) {
    const [left, top] = where(x, y);
    assert.ok(Math.abs(canvas.at(left, top)[0] - place(frame.at(y, x), frame.min, frame.max)) <= 1);
    assert.ok(Math.abs(canvas.at(canvas.width - width + left, top)[0] - place(second.at(y, x), frame.min, frame.max)) <= 1);
  }
  await page.getByRole('radio', { name: 'Swipe' }).click();
  await page.focus('.image');
  await page.keyboard.press('0');
  await settled(page);
  const swiped = await pixels(page);
  const there = fitted(frame, swiped);
  for (const [x, y] of [[5, 10], [20, 24], [45, 30], [60, 40]]) {
    const shown = x < 32 ? frame : second;
    assert.ok(Math.abs(swiped.at(...there(x, y))[0] - place(shown.at(y, x), frame.min, frame.max)) <= 1, `column ${x}`);
  }
});
