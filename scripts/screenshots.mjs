/**
 * `npm run screenshots`: the pictures of the README. Starts the built server on a data folder of its own, fills it through the
 * API with what a research group might have, and writes docs/images/<page>-<theme>.png. Run by hand after the looks changed.
 */
import './node-version.mjs';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from '@playwright/test';
import { readyBrowser } from '../e2e/fixtures/chromium.ts';
import { Person } from '../e2e/fixtures/person.ts';
import { removeData, startServer } from '../e2e/fixtures/server.ts';
import { drawMark } from '../src/ui/brand/sphere-field.ts';
import { png } from './png.mjs';

const IMAGES = join(import.meta.dirname, '..', 'docs', 'images');
const MAX_BYTES = 150 * 1024;
const WAIT_MS = 30_000;
const STANDARD = { cpuMillicores: 1000, memoryMiB: 2048, gpus: 0 };

/** Asks until the answer is not undefined. */
async function until(ask, what) {
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(50)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`${what} did not happen within ${WAIT_MS / 1000} s.`);
}

async function signIn(server) {
  const secret = new URL(await server.link()).hash.replace('#link=', '');
  const answer = await fetch(`${server.url}/api/auth/link`, { method: 'POST', body: JSON.stringify({ secret }) });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
  if (!answer.ok || !cookie) throw new Error(`Signing in answered ${answer.status}.`);
  return new Person(server, cookie);
}

/** A plausible temperature spectrum: plateau and three acoustic peaks. */
function spectrum() {
  const peak = (l, at, width, height) => height * Math.exp(-(((l - at) / width) ** 2));
  const rows = Array.from({ length: 83 }, (_, i) => {
    const l = 2 + i * 30;
    const value = 900 + peak(l, 220, 105, 4700) + peak(l, 540, 95, 1600) + peak(l, 810, 110, 1500);
    return `${l},${(value * Math.exp(-((l / 1900) ** 2))).toFixed(2)},${(42 / (1 + i / 9)).toFixed(2)}`;
  });
  return ['ell,D_ell_uK2,sigma', ...rows, ''].join('\n');
}

/** Few colours and no scaling, so that the picture of it stays small. */
function sky(width) {
  return drawMark(width).map((value, at) => (at % 4 === 3 ? value : Math.min(255, Math.round(value / 22) * 22)));
}

const PROGRAM = `"""Lensing potential from the half-mission maps (quadratic estimator)."""
import healpy as hp
import numpy as np

from pipeline import convolve, normalisation


def estimate(alm, cl, lmax=2048):
    norm = normalisation(cl, lmax)
    return norm * convolve(alm, np.conj(alm))
`;

const FILES = {
  'README.md': '# CMB lensing\n\nMaps, masks and chains of the lensing analysis.\n',
  'estimate.py': PROGRAM,
  'params.yaml': 'nside: 1024\nlmax: 2048\nmask: masks/galactic_60.fits\nsimulations: 300\n',
  'spectrum_TT.csv': spectrum(),
  'sky_smica.png': png(640, 320, sky(640)),
  'maps/smica_hm1.fits': Buffer.alloc(3_145_728, 1),
  'maps/smica_hm2.fits': Buffer.alloc(3_145_728, 2),
  'masks/galactic_60.fits': Buffer.alloc(786_432, 1),
  'chains/planck_lcdm.1.txt': '1 2.1 67.4 0.315\n'.repeat(4000),
  'notebooks/null-tests.ipynb': '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}\n',
  'figures/lensing_power.pdf': Buffer.alloc(48_000, 5),
};

/** @returns where the pages are that get a picture */
async function fill(server) {
  const me = await signIn(server);
  const { api } = me;
  await api.profile.update.mutate({ name: 'Vera' });
  const home = await until(
    async () => (await api.storages.list.query()).find(({ status }) => status === 'active'),
    'A first storage',
  );
  await api.storages.rename.mutate({ id: home.id, displayName: 'cmb-lensing' });
  const archive = await api.storages.create.mutate({ displayName: 'planck-legacy-maps' });
  const headers = { cookie: me.cookie, origin: server.url };
  for (const [key, body] of Object.entries(FILES)) {
    const url = `${server.url}/api/storages/${home.id}/objects?key=${encodeURIComponent(key)}`;
    const answer = await fetch(url, { method: 'PUT', headers, body });
    if (!answer.ok) throw new Error(`${key} could not be stored: ${await answer.text()}`);
  }
  const terminal = (await api.applications.list.query()).find(({ slug }) => slug === 'terminal');
  const launch = async (name, storage) => {
    const input = { applicationId: terminal.id, name, size: STANDARD, storage: { kind: 'existing', id: storage.id } };
    const { id } = await api.environments.launch.mutate({ ...input, clientKey: crypto.randomUUID() });
    await reaches(id, 'running');
    return id;
  };
  const reaches = (id, phase) =>
    until(async () => ((await me.environment(id)).phase === phase ? true : undefined), `${phase} of ${id}`);
  for (const name of ['Mask apodisation', 'Beam window functions']) {
    const id = await launch(name, home);
    await api.environments.stop.mutate({ id });
    await reaches(id, 'stopped');
  }
  await launch('Half-mission null tests', archive);
  const shown = await launch('Lensing estimator', home);
  return { me, storage: home.id, environment: shown };
}

/** Opens the terminal inside the page and works in it once, so that both themes show the same. */
async function work(page) {
  const frame = page.frameLocator('iframe');
  const screen = frame.locator('.panel:visible .xterm-screen');
  await screen.click();
  const commands = [
    'ls',
    'head -4 spectrum_TT.csv',
    'awk -F, \'NR > 1 && $2 > m { m = $2; l = $1 } END { print "first peak at l =", l }\' spectrum_TT.csv',
    'du -sh maps masks chains',
  ];
  for (const command of commands) {
    await page.keyboard.type(command);
    await page.keyboard.press('Enter');
    await sleep(400);
  }
}

async function take(page, name) {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  // What still moves after this does not end by itself.
  await sleep(700);
  const path = join(IMAGES, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  const { size } = statSync(path);
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes; a page of the README should load fast.`);
  console.log(`${name}.png  ${Math.round(size / 1024)} KiB`);
}

async function photograph(server, browser) {
  const { me, storage, environment } = await fill(server);
  for (const theme of ['light', 'dark']) {
    const context = await browser.newContext({
      baseURL: server.url,
      viewport: { width: 1440, height: 900 },
      colorScheme: theme,
      locale: 'en-GB',
    });
    await me.enter(context);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(`/environments/${environment}?embed=1`);
    await page.frameLocator('iframe').locator('.xterm-rows').filter({ hasText: 'workspace' }).waitFor();
    if (theme === 'light') await work(page);
    await take(page, `environment-${theme}`);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Running' }).waitFor();
    await take(page, `home-${theme}`);
    await page.goto('/catalog');
    await page.getByRole('link', { name: 'Launch Terminal with options' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Launch Terminal/ })
      .waitFor();
    await take(page, `launch-${theme}`);
    await page.goto(`/storage/${storage}?file=sky_smica.png`);
    await page.getByRole('img', { name: 'sky_smica.png', exact: true }).waitFor();
    await take(page, `files-${theme}`);
    await context.close();
  }
}

mkdirSync(IMAGES, { recursive: true });
const { executablePath, env } = await readyBrowser();
const server = await startServer();
try {
  const browser = await chromium.launch({ executablePath, env: { ...process.env, ...env } });
  await photograph(server, browser).finally(() => browser.close());
} finally {
  await server.stop();
  await removeData(server.dataDir);
}
