// Zones, chains, jobs, sessions and exports of movies: the page against the command line, in a real browser.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { limpid, makeFolder, missing, run } from './browser.mjs';
import { readNpy } from './npy.mjs';
import { overlayCases, pngPixels } from './overlay_cases.mjs';
import { addStep, assertClose, button, clickAt, close, courses, download, drag, open, page, panel, place, plan, readCsv, tool } from './tools_page.mjs';

const why = missing();
const folder = why ? null : makeFolder();
const movie = folder?.file('movie.npy');
const frames = 260; // more than come first while a zone is dragged

const imageIsThere = (p) => p.waitForSelector('g.zones', { state: 'attached' });

async function savedZones() {
  await panel('Zones');
  const file = await download(() => button('Save zones').click());
  return JSON.parse(file.bytes);
}

// The courses on the page are those of the step traces with the zones file that the page saves.
async function compareCourses(stat) {
  const saved = await savedZones();
  await page.getByLabel('Statistic').selectOption(stat);
  await page.waitForFunction(() => !document.querySelector('.zones-panel').textContent.includes('refining'));
  const file = await download(() => button('Save CSV').click());
  const path = folder.file('zones.json');
  writeFileSync(path, JSON.stringify(saved));
  run(['run', movie, 'traces', `zones=${path}`, `stat=${stat}`, '!', 'write', folder.file('traces.csv'), '--overwrite', '--quiet']);
  const names = saved.zones.map((z) => z.name);
  const got = courses(file.bytes.toString(), names);
  const want = courses(readFileSync(folder.file('traces.csv'), 'utf8'), names);
  names.forEach((n, i) => {
    assert.equal(got[i].length, frames);
    assertClose(got[i], want[i], `${stat} of ${n}`);
  });
  return saved.zones;
}

// Results of n previews of the movie, as this page asks for them.
const previewOfPage = (chain, n = 1) =>
  page.evaluate(
    async ([chain, n]) => {
      const { recordings } = await (await fetch('api/v1/recordings')).json();
      for (let i = 0; i < n; i++) {
        const slot = `${sessionStorage.getItem('limpid-page')} result ${i} ${Math.round(performance.now())}`;
        const body = JSON.stringify({ recording: recordings[0].id, what: 'preview', chain, part: { first: i, count: 3 }, slot });
        await fetch('api/v1/jobs', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      }
    },
    [chain, n],
  );

describe('zones, chains, sessions and exports', { skip: why || false }, () => {
  before(async () => {
    run(['simulate', 'miniscope', movie, `frames=${frames}`, 'width=96', 'height=80', '--quiet']);
    await open([movie], imageIsThere);
  });
  after(async () => {
    await close();
    folder.remove();
  });

  it('draws each shape, and its course is that of the step traces', async () => {
    await tool('r');
    await drag([3.2, 3.9], [7.1, 12.2]);
    await tool('e');
    await drag([30, 10], [52, 24]);
    await tool('g');
    await clickAt([60, 20], [85, 25], [80, 50], [55, 45]);
    await page.keyboard.press('Enter');
    await tool('x');
    await clickAt([20, 40]);
    await tool('l');
    await drag([10, 70], [40, 55]);
    await clickAt([60, 60], [75, 70], [90, 58]);
    await page.keyboard.press('Enter');
    const zones = await compareCourses('mean');
    assert.deepEqual(zones.map((z) => z.shape), ['rectangle', 'ellipse', 'polygon', 'pixel', 'line', 'polyline']);
    const { x, y, width, height } = zones[0];
    assert.deepEqual([x, y, width, height], [3, 4, 4, 8], 'from pixel 3 to 7 is 4 wide');
    assert.deepEqual([zones[3].x, zones[3].y], [20, 40]);
  });

  it('does so for other statistics', async () => {
    await compareCourses('std');
    await compareCourses('median');
    await compareCourses('max');
  });

  it('moves, scales and turns a zone, and the course follows exactly', async () => {
    await panel('Zones');
    await page.locator('.image-tools button').first().click();
    await drag([41, 17], [44, 20], 12);
    const corner = await page.locator('.zone.is-chosen [data-handle="1,1"]').boundingBox();
    await page.mouse.move(corner.x + 4, corner.y + 4);
    await page.mouse.down();
    await page.mouse.move(...(await place(60, 32)));
    await page.mouse.up();
    const turn = await page.locator('.zone.is-chosen .is-turn').boundingBox();
    await page.mouse.move(turn.x + 5, turn.y + 5);
    await page.mouse.down();
    await page.mouse.move(turn.x + 90, turn.y + 60, { steps: 5 });
    await page.mouse.up();
    const zones = await compareCourses('mean');
    assert.deepEqual([zones[1].width, zones[1].height], [27, 19]);
    assert.ok(zones[1].angle > 5, `turned by ${zones[1].angle}`);
  });

  it('moves by keys, edits corners, renames, duplicates and removes', async () => {
    await page.locator('[data-zone="rectangle 1"] .zone-body').click({ force: true });
    await page.keyboard.press('Alt+ArrowRight');
    await page.keyboard.press('Alt+Shift+ArrowDown');
    let zones = (await savedZones()).zones;
    assert.deepEqual([zones[0].x, zones[0].y], [4, 14]);
    // A click on an edge of a chosen polygon adds a corner, Delete takes it away again.
    await clickAt([70, 35]);
    await clickAt([72.5, 22.5]);
    zones = (await savedZones()).zones;
    assert.equal(zones[2].points.length, 5);
    const added = await page.locator('.zone.is-chosen [data-handle="1"]').boundingBox();
    await page.mouse.click(added.x + 4, added.y + 4);
    await page.keyboard.press('Delete');
    assert.equal((await savedZones()).zones[2].points.length, 4);
    await page.getByLabel('Name of the zone').nth(0).fill('soma, left');
    await page.keyboard.press('Tab');
    await page.getByLabel('Duplicate soma, left').click();
    zones = (await savedZones()).zones;
    assert.deepEqual([zones[0].name, zones.length], ['soma, left', 7]);
    await page.locator('.image').focus();
    await page.keyboard.press('Delete');
    await page.getByLabel('Delete soma, left').click();
    zones = (await savedZones()).zones;
    assert.equal(zones.length, 5);
  });

  it('takes typed numbers, and dF/F divides by the median', async () => {
    await page.getByLabel('Name of the zone').nth(0).click();
    await page.getByLabel('x (px)', { exact: true }).fill('33');
    await page.keyboard.press('Tab');
    assert.equal((await savedZones()).zones[0].x, 33);
    await compareCourses('mean');
    const plain = courses((await download(() => button('Save CSV').click())).bytes.toString(), ['pixel 1'])[0];
    await page.getByLabel('dF/F').check();
    const relative = courses((await download(() => button('Save CSV').click())).bytes.toString(), ['pixel 1'])[0];
    await page.getByLabel('dF/F').uncheck();
    const sorted = [...plain].sort((a, b) => a - b);
    const median = (sorted[frames / 2 - 1] + sorted[frames / 2]) / 2;
    assertClose(relative, plain.map((v) => (v - median) / median), 'dF/F');
  });

  it('reads a zones file', async () => {
    const file = folder.file('more.json');
    writeFileSync(file, JSON.stringify([{ name: 'from file', shape: 'polygon', points: [[5, 5], [25, 6.5], [14, 30]] }]));
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('Load…').click()]);
    await chooser.setFiles(file);
    await page.locator('[data-zone="from file"]').waitFor({ state: 'attached' });
    await compareCourses('mean');
    writeFileSync(file, '{"zones": [{"name": "bad", "shape": "blob"}]}');
    const [again] = await Promise.all([page.waitForEvent('filechooser'), button('Load…').click()]);
    await again.setFiles(file);
    await page.getByText('more.json: The shape of zone "bad" must be one of').waitFor();
    await page.getByLabel('Dismiss').first().click();
    await page.getByLabel('Delete from file').click();
  });

  it('takes changes of zones back', async () => {
    const before = (await savedZones()).zones;
    await page.getByLabel('Delete polygon 1').click();
    await page.locator('.image').focus();
    await page.keyboard.press('Control+z');
    assert.deepEqual((await savedZones()).zones, before);
  });

  it('explains a wrong parameter beside its field', async () => {
    await panel('Chain');
    await addStep('crop');
    await page.locator('#step-0-x').fill('-3');
    await page.getByText('Give a whole number from 0').waitFor();
    await page.locator('#step-0-x').fill('1000');
    await page.locator('[data-step=crop] .problem', { hasText: 'do not fit' }).waitFor();
    assert.equal(await button('Preview').isDisabled(), true);
    await page.locator('#step-0-x').fill('8');
    await page.locator('#step-0-width').fill('64');
    await plan();
  });

  it('shows the help of a step', async () => {
    await page.getByLabel('Help on crop').click();
    await page.locator('.step-help strong', { hasText: 'A stretch' }).waitFor();
    await page.getByLabel('Help on crop').click();
  });

  it('builds a chain, previews it, runs it, and the copied command gives the same bytes', async () => {
    await addStep('smooth');
    await page.getByTitle('Left and right change places').click();
    await page.locator('.chain .step').nth(2).waitFor();
    await page.getByLabel('Move flip up').click();
    assert.deepEqual(await page.locator('.chain .step').evaluateAll((l) => l.map((e) => e.dataset.step)), ['crop', 'flip', 'smooth']);
    await page.locator('[data-step=smooth] .step-head').dragTo(page.locator('[data-step=crop] .step-head'));
    assert.deepEqual(await page.locator('.chain .step').evaluateAll((l) => l.map((e) => e.dataset.step)), ['smooth', 'crop', 'flip']);
    await page.getByLabel('Use smooth').focus();
    for (const _ of [1, 2]) {
      await page.keyboard.press('Alt+ArrowDown');
      await page.waitForTimeout(60);
    }
    assert.deepEqual(await page.locator('.chain .step').evaluateAll((l) => l.map((e) => e.dataset.step)), ['crop', 'flip', 'smooth']);
    await plan();
    await button('Preview').click();
    await page.locator('.tab .badge').first().waitFor();
    await button('Run…').click();
    const out = folder.file('by-page.tif');
    await page.locator('#run-out').fill(out);
    await button('Run').click();
    await panel('Jobs');
    await page.locator('.job.is-done', { hasText: 'Run' }).waitFor();
    assert.ok(existsSync(out));
    await panel('Chain');
    await button('Copy command').click();
    await page.getByText('The command is on the clipboard.').waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(command, /^limpid run .* crop x=8 width=64 ! flip axis=x ! smooth/);
    execFileSync('bash', ['-c', `PATH=${dirname(limpid)}:$PATH; ${command.replace('OUT.tif', 'by-shell.tif')} --quiet`], { cwd: folder.path });
    assert.ok(readFileSync(out).equals(readFileSync(folder.file('by-shell.tif'))), 'the same bytes');
  });

  it('asks before it replaces a file', async () => {
    await button('Run…').click();
    await page.locator('#run-out').fill(folder.file('by-page.tif'));
    await button('Run').click();
    await page.locator('.problem', { hasText: 'by-page.tif' }).first().waitFor();
    await button('Replace it').click();
    await page.locator('.run-form').waitFor({ state: 'detached' });
    await panel('Jobs');
    await page.locator('.job.is-done', { hasText: 'by-page.tif' }).nth(1).waitFor();
    await panel('Chain');
  });

  it('saves the chain as a file that the command line runs', async () => {
    const file = await download(() => button('Save chain').click());
    writeFileSync(folder.file('chain.yaml'), file.bytes);
    run(['run', movie, '--chain', folder.file('chain.yaml'), '--out', folder.file('by-chain.tif'), '--quiet']);
    assert.ok(readFileSync(folder.file('by-chain.tif')).equals(readFileSync(folder.file('by-page.tif'))));
  });

  // The colours of all pixels on the canvas, which WebGL2 draws.
  async function drawnPixels() {
    await page.waitForTimeout(120);
    const [[x0, y0], [x1]] = [await place(0, 0), await place(1, 0)];
    const drawn = await page.evaluate(
      ([left, top, step]) => {
        const canvas = document.querySelector('.image-canvas');
        const rect = canvas.getBoundingClientRect();
        const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
        context.drawImage(canvas, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const across = (at, length, all) => Math.floor((at * all) / length);
        const place = (x, y) => 4 * (across(top - rect.top + y * step, rect.height, canvas.height) * canvas.width + across(left - rect.left + x * step, rect.width, canvas.width));
        return Array.from({ length: 80 * 96 }, (_, i) => [0, 1, 2].map((c) => data[place(i % 96, Math.floor(i / 96)) + c]).join()).join(' ');
      },
      [x0, y0, x1 - x0],
    );
    return drawn.split(' ');
  }

  it('shows what a mask of the shown zones leaves before it is run', async () => {
    await button('Clear').click();
    const { zones } = await savedZones();
    writeFileSync(folder.file('shown.json'), JSON.stringify(zones.slice(1)));
    await page.getByLabel(`Hide ${zones[0].name}`).click();
    const whole = await drawnPixels();
    await page.getByLabel('show only').check();
    let seen;
    for (const keep of ['inside', 'outside']) {
      await page.getByLabel('Which pixels to keep').selectOption(keep);
      seen = await drawnPixels();
      run(['run', movie, 'mask', `zones=${folder.file('shown.json')}`, `keep=${keep}`, '!', 'write', folder.file('left.npy'), '--overwrite', '--quiet']);
      const left = readNpy(folder.file('left.npy')).values.subarray(0, 80 * 96);
      const blank = left.filter(Number.isNaN).length;
      assert.ok(blank > 100 && blank < 80 * 96 - 100, `${blank} pixels are blank`);
      left.forEach((v, i) => assert.equal(seen[i], Number.isNaN(v) ? '11,13,15' : whole[i], `${keep}: pixel ${i % 96}, ${Math.floor(i / 96)}`));
    }
    // The picture that is saved, which Canvas2D draws.
    await panel('Export');
    await page.getByLabel('overlays', { exact: true }).uncheck();
    const { bytes } = await download(() => button('Save image (PNG)').click());
    await page.getByLabel('overlays', { exact: true }).check();
    const some = Array.from({ length: 500 }, (_, k) => 15 * k);
    const saved = await pngPixels(bytes, some.map((i) => [i % 96, Math.floor(i / 96)]));
    assert.deepEqual(saved.map((c) => c.slice(0, 3).join()), some.map((i) => seen[i]));
    await panel('Zones');
    await button('Append mask').click();
    await page.locator('.needs .command', { hasText: 'mask zones=shown-zones.json keep=outside' }).waitFor();
    await panel('Zones');
    await page.getByLabel('show only').uncheck();
    await page.getByLabel(`Show ${zones[0].name}`).click();
    await panel('Chain');
  });

  it('masks by a zone, whose file goes with the command', async () => {
    await button('Clear').click();
    await panel('Zones');
    await page.getByLabel('Name of the zone').nth(1).click();
    await button('Mask outside').click();
    await plan();
    const file = await download(() => button('Copy command').click());
    assert.match(file.name, /^zone-polygon-1.*json$/);
    writeFileSync(folder.file(file.name), file.bytes);
    const command = await page.evaluate(() => navigator.clipboard.readText());
    execFileSync('bash', ['-c', `PATH=${dirname(limpid)}:$PATH; ${command.replace('OUT.tif', 'masked.tif')} --quiet`], { cwd: folder.path });
    await button('Run…').click();
    await page.locator('#run-out').fill(folder.file('masked-page.tif'));
    await button('Run').click();
    await panel('Jobs');
    await page.locator('.job.is-done', { hasText: 'masked-page.tif' }).waitFor();
    assert.ok(readFileSync(folder.file('masked.tif')).equals(readFileSync(folder.file('masked-page.tif'))));
  });

  it('cancels a job', async () => {
    await panel('Chain');
    await button('Clear').click();
    await addStep('resize');
    await page.locator('#step-0-width').fill('2000');
    await page.locator('#step-0-height').fill('1600');
    await addStep('smooth');
    await plan();
    await button('Run…').click();
    const out = folder.file('cancelled.npy');
    await page.locator('#run-out').fill(out);
    await button('Run').click();
    await panel('Jobs');
    await page.locator('.job.is-running').waitFor();
    await button('Cancel').click();
    await page.locator('.job.is-cancelled').waitFor();
    assert.ok(!existsSync(out));
  });

  it('finds motion: shifts and flags come from the table of the step', async () => {
    await panel('Explore');
    const motion = page.locator('[data-analysis=motion]');
    await motion.locator('summary').click();
    await motion.getByRole('button', { name: 'Run', exact: true }).click();
    const file = await download(() => motion.getByRole('button', { name: 'Save shifts' }).click());
    run(['run', movie, 'motion', 'apply=no', `shifts=${folder.file('shifts.csv')}`, '--quiet']);
    const [got, want] = [file.bytes.toString(), readFileSync(folder.file('shifts.csv'), 'utf8')].map((t) => courses(t, ['dy_px', 'dx_px']));
    assertClose(got[0], want[0], 'dy');
    assertClose(got[1], want[1], 'dx');
    await motion.getByRole('button', { name: 'Apply these shifts' }).click();
    await panel('Chain');
    await page.getByLabel('Use resize').uncheck();
    await page.getByLabel('Use smooth').uncheck();
    await page.locator('.needs .command', { hasText: 'motion-apply shifts=known-shifts.csv' }).waitFor();
  });

  it('exports the timeline, the image, and an array of a zone', async () => {
    await panel('Export');
    const csv = readCsv((await download(() => button('Save timeline (CSV)').click())).bytes.toString());
    assert.equal(csv.rows.length, frames);
    assert.ok(csv.head.some((h) => h.startsWith('ellipse 1')) && csv.head.includes('shift down (px)'), String(csv.head));
    const png = (await download(() => button('Save image (PNG)').click())).bytes;
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [96, 80]);
    const whole = (await download(() => button('Save whole view (PNG)').click())).bytes;
    assert.ok(whole.readUInt32BE(16) > 600);
    await page.getByLabel('Region').selectOption('zone');
    const array = (await download(() => button('Save array (.npy)').click())).bytes;
    const { zones } = await savedZones();
    const polygon = zones.find((z) => z.name === 'polygon 1');
    const xs = polygon.points.map((p) => p[0]);
    const ys = polygon.points.map((p) => p[1]);
    const [x0, y0] = [Math.ceil(Math.min(...xs)), Math.ceil(Math.min(...ys))];
    const [w, h] = [Math.floor(Math.max(...xs)) - x0 + 1, Math.floor(Math.max(...ys)) - y0 + 1];
    run(['run', movie, 'crop', `x=${x0}`, `y=${y0}`, `width=${w}`, `height=${h}`, '!', 'write', folder.file('box.npy'), '--quiet']);
    const want = readFileSync(folder.file('box.npy'));
    const body = (b) => b.subarray(10 + b.readUInt16LE(8));
    assert.match(array.subarray(10, 10 + array.readUInt16LE(8)).toString(), new RegExp(`\\(${frames}, ${h}, ${w},?\\)`));
    assert.ok(body(array).equals(body(want)), 'the same numbers');
  });

  overlayCases(folder, movie);

  it('saves a session that reopens, and whose chain the command line runs', async () => {
    await panel('Chain');
    await button('Clear').click();
    await addStep('mask');
    await addStep('crop');
    await page.locator('#step-1-width').fill('40');
    await plan();
    await page.locator('.image').focus();
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
    await panel('Export');
    const saved = [];
    page.on('download', (d) => saved.push(d));
    await button('Save session').click();
    while (saved.length < 2) await page.waitForTimeout(50);
    const file = saved.find((d) => d.suggestedFilename().endsWith('.session.json'));
    const session = JSON.parse(readFileSync(await file.path()));
    await file.saveAs(folder.file('a.session.json'));
    await saved.find((d) => d.suggestedFilename() === 'zones.json').saveAs(folder.file('zones.json'));
    assert.equal(session.view.recordings[0].frame, 7);
    run(['run', movie, '--chain', 'a.session.json', '--out', folder.file('by-session.npy'), '--quiet'], { cwd: folder.path });
    assert.ok(existsSync(folder.file('by-session.npy')));
    await page.reload();
    await page.waitForSelector('g.zones .zone', { state: 'attached' });
    await panel('Chain');
    assert.equal(await page.locator('.chain .step').count(), 2, 'loading the page again keeps the chain');
    await close();
    await open([folder.file('a.session.json')], imageIsThere);
    await panel('Export');
    const again = JSON.parse((await download(() => button('Save session').click())).bytes);
    const { viewport: v0, ...first } = session.view.recordings[0];
    const { viewport: v1, ...second } = again.view.recordings[0];
    assert.deepEqual(second, first);
    assert.ok(Math.abs(v0.scale / v1.scale - 1) < 0.05);
    assert.deepEqual({ ...again, view: { ...again.view, recordings: 0 } }, { ...session, view: { ...session.view, recordings: 0 } });
  });

  it('lets a preview, a live reference and an analysis go side by side', async () => {
    await panel('Chain');
    if (await button('Clear').isEnabled()) await button('Clear').click();
    await addStep('smooth');
    await plan();
    await button('Preview').click();
    await panel('View');
    await page.getByLabel('Subtract: where from').selectOption('range');
    await panel('Explore');
    await page.locator('summary', { hasText: 'Kymograph' }).click();
    await page.locator('[data-analysis=kymograph] button.primary').click();
    await page.waitForSelector('[data-analysis=kymograph] .result-image');
    await panel('Jobs');
    const newest = () => page.evaluate(() => [...document.querySelectorAll('.job')].slice(0, 2).map((e) => e.textContent));
    await page.waitForFunction(() => [...document.querySelectorAll('.job')].slice(0, 2).every((e) => e.classList.contains('is-done')));
    const own = await newest();
    assert.ok(own.some((text) => text.includes('kymograph')) && own.some((text) => text.includes('smooth')), own.join('; '));
    assert.deepEqual(await page.locator('.notice.is-error').allInnerTexts(), []);
    await panel('View');
    await page.getByLabel('Subtract: where from').selectOption('none');
    await panel('Chain');
    await button('Clear').click();
  });

  it('closes old results of previews, but no pinned one', async () => {
    const closeOwn = async () => {
      while (await page.locator('.tab .pin').count()) {
        const n = await page.locator('.tab').count();
        await page.locator('.tab', { has: page.locator('.pin') }).first().locator('.close').click();
        await page.waitForFunction((was) => document.querySelectorAll('.tab').length < was, n);
      }
    };
    await closeOwn();
    const before = await page.locator('.tab').count();
    const make = (n) => previewOfPage([{ step: 'flip' }], n);
    await make(1);
    await page.waitForSelector('.tab .pin');
    await page.locator('.tab .pin').last().click();
    await make(11);
    await page.waitForFunction((n) => document.querySelectorAll('.tab').length === n, before + 9);
    assert.equal(await page.locator('.tab .pin[aria-pressed=true]').count(), 1);
    const left = await page.evaluate(async () => (await (await fetch('api/v1/recordings')).json()).recordings.length);
    assert.equal(left, before + 9);
    await closeOwn();
  });

  it('shows zones where they lie on cropped, mirrored, turned and binned results', async () => {
    const only = [
      { name: 'box', shape: 'rectangle', x: 20, y: 12, width: 9, height: 5 },
      { name: 'oblique', shape: 'rectangle', x: 30, y: 20, width: 10, height: 6, angle: 30 },
      { name: 'corner', shape: 'polygon', points: [[22, 30], [40, 31], [33, 40]] },
      { name: 'dot', shape: 'pixel', x: 25, y: 25 },
    ];
    const load = async (list) => {
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), button('Load…').click()]);
      await chooser.setFiles({ name: 'z.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ zones: list })) });
    };
    const coursesNow = async () => {
      await page.waitForFunction(() => document.querySelector('.zones-panel h3:last-of-type') && !document.querySelector('.zones-panel').textContent.includes('refining'));
      const { bytes } = await download(() => button('Save CSV').click());
      return courses(bytes.toString(), only.map((z) => z.name)).map((c) => c.slice(0, 3));
    };
    const look = async (chain) => {
      await previewOfPage(chain);
      await page.locator('.tab', { hasText: `${chain.at(-1).step} of movie.npy` }).last().locator('button').first().click();
      await panel('Zones');
    };
    await page.locator('.tab button').first().click();
    await panel('Zones');
    while (await page.locator('.zone-list tbody tr').count()) await page.locator('[aria-label^="Delete "]').first().click();
    await load(only);
    await page.getByLabel('Statistic').selectOption('mean');
    const there = await coursesNow();
    await look([{ step: 'crop', params: { x: '10', y: '6', width: '50', height: '44' } }, { step: 'flip' }, { step: 'rotate', params: { angle: '90' } }]);
    const here = await coursesNow();
    only.forEach((z, i) => assertClose(here[i], there[i], z.name));
    const seen = (await savedZones()).zones[0];
    assert.deepEqual([seen.x, seen.y, seen.width, seen.height, seen.angle], [32, 30, 5, 9, undefined]);
    // What is drawn on the result lies on the source, too.
    await page.getByLabel('x (px)').fill('30');
    await page.keyboard.press('Enter');
    await page.locator('.tab button').first().click();
    assert.deepEqual((await savedZones()).zones.map((z) => [z.x, z.y]), [[20, 14], [30, 20], [undefined, undefined], [25, 25]]);
    await look([{ step: 'bin', params: { factor: '2' } }]);
    assert.deepEqual((await savedZones()).zones[0], { name: 'box', shape: 'rectangle', x: 9.75, y: 6.75, width: 4.5, height: 2.5, colour: seen.colour });
    // An image of something else has zones of its own.
    await look([{ step: 'kymograph' }]);
    assert.match(await page.locator('.zones-panel').innerText(), /cannot be shown here/);
    await page.locator('.tab button').first().click();
  });
});
