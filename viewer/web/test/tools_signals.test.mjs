// Chains, sessions and exports of signals: the page against the command line, in a real browser.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { limpid, makeFolder, missing, run } from './browser.mjs';
import { addStep, assertClose, button, close, download, open, page, panel, plan, readCsv } from './tools_page.mjs';

const why = missing();
const panelsAreThere = (p) => p.getByRole('tab', { name: 'Chain', exact: true }).waitFor();

describe('chains, sessions and exports of signals', { skip: why || false }, () => {
  const own = why ? null : makeFolder();
  const eeg = own?.file('eeg.vhdr');

  before(async () => {
    run(['simulate', 'eeg-fmri', eeg, 'channels=4', 'seconds=40', 'rate=1000', 'artifact-bandwidth=400', '--quiet']);
    await open([eeg], panelsAreThere);
  });
  after(async () => {
    await close();
    own.remove();
  });

  it('previews and runs a chain with the samples of the copied command', async () => {
    await panel('Chain');
    await addStep('highpass');
    await page.locator('#step-0-hz').fill('2');
    await addStep('crop');
    await button('From screen').click();
    assert.match(await page.locator('#step-1-range').inputValue(), /^0-\d+/);
    await page.locator('#step-1-range').fill('5-35');
    await plan();
    await button('Preview').click();
    await page.locator('.tab .badge').first().waitFor();
    await button('Run…').click();
    await page.locator('#run-out').fill(own.file('by-page.vhdr'));
    await button('Run').click();
    await panel('Jobs');
    await page.locator('.job.is-done', { hasText: 'by-page.vhdr' }).waitFor();
    await panel('Chain');
    await button('Copy command').click();
    await page.getByText('The command is on the clipboard.').waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    execFileSync('bash', ['-c', `PATH=${dirname(limpid)}:$PATH; ${command.replace('OUT.vhdr', 'by-shell.vhdr')} --quiet`], { cwd: own.path });
    assert.ok(readFileSync(own.file('by-page.eeg')).equals(readFileSync(own.file('by-shell.eeg'))));
  });

  it('previews of what crop keeps the part on the screen', async () => {
    await page.locator('.signal-stack').click();
    await page.selectOption('[aria-label="Time on the screen"]', '10');
    await page.keyboard.press('End');
    await page.waitForFunction(() => document.querySelector('.signal-traces').dataset.first === '30000');
    await panel('Chain');
    await page.locator('#step-1-range').fill('5-32');
    await plan();
    const results = async () => (await page.evaluate(async () => (await fetch('api/v1/recordings')).json())).recordings.filter((r) => r.is_result && r.slot !== '');
    const before = (await results()).map((r) => r.id);
    await button('Preview').click();
    let made;
    for (let i = 0; i < 100 && !made; i++) {
      await page.waitForTimeout(50);
      made = (await results()).find((r) => !before.includes(r.id));
    }
    assert.equal(made?.n_times, 2000, 'crop 5-32 of 30 to 40 s');
    await page.keyboard.press('Home');
  });

  it('exports the samples on the screen', async () => {
    await panel('Export');
    const csv = readCsv((await download(() => button('Save samples on the screen (CSV)').click())).bytes.toString());
    run(['run', eeg, 'crop', `range=0-${csv.rows.length / 1000}`, '!', 'write', own.file('screen.csv'), '--quiet']);
    const want = readCsv(readFileSync(own.file('screen.csv'), 'utf8'));
    assert.equal(csv.rows.length, want.rows.length);
    const name = csv.head[1].replace(/ \(.*/, '');
    const at = want.head.findIndex((h) => h.startsWith(name));
    assertClose(csv.rows.map((r) => Number(r[1])), want.rows.map((r) => Number(r[at])), name);
    const png = (await download(() => button('Save whole view (PNG)').click())).bytes;
    assert.ok(png.readUInt32BE(16) > 600);
  });

  it('saves a session that reopens', async () => {
    await page.keyboard.press('-');
    await page.keyboard.press('ArrowRight');
    const first = JSON.parse((await download(() => button('Save session').click())).bytes);
    writeFileSync(own.file('b.session.json'), JSON.stringify(first));
    assert.equal(first.inputs.length, 1);
    await close();
    await open([own.file('b.session.json')], panelsAreThere);
    await panel('Export');
    const again = JSON.parse((await download(() => button('Save session').click())).bytes);
    assert.deepEqual(again.chain, first.chain);
    for (const key of ['first', 'count', 'channels']) assert.deepEqual(again.view.recordings[0][key], first.view.recordings[0][key], key);
  });

  it('saves how a recording was opened, so that it reopens without options', async () => {
    const npy = own.file('bare.npy');
    run(['run', eeg, 'crop', 'range=0-10', '!', 'write', npy, '--quiet']);
    await close();
    await open([npy, '--rate', '1000', '--kind', 'signals'], panelsAreThere);
    await panel('Export');
    const first = JSON.parse((await download(() => button('Save session').click())).bytes);
    assert.deepEqual(first.inputs, [{ path: npy, open: { rate: 1000, kind: 'signals' } }]);
    writeFileSync(own.file('bare.session.json'), JSON.stringify(first));
    await close();
    await open([own.file('bare.session.json')], panelsAreThere);
    await panel('Export');
    const again = JSON.parse((await download(() => button('Save session').click())).bytes);
    assert.deepEqual(again.inputs, first.inputs);
    assert.deepEqual(again.view.recordings, first.view.recordings);
  });
});
