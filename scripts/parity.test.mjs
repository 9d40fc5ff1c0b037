import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { columnsOf, parityPage, readResults, whyIncomplete } from './parity.mjs';

const declared = (changes = {}) => ({
  capabilities: { versions: true, signedUrls: false },
  lacks: [{ what: 'signedUrls', reason: 'Nothing to sign with.' }],
  settings: [
    { setting: 'private', state: 'on', reason: null },
    { setting: 'cors', state: 'lacking', reason: 'No browsers here.' },
    { setting: 'logs', state: 'off', reason: null },
  ],
  mounts: {
    cluster: { refused: 'No cluster.' },
    machine: { kind: 'host-path', driver: null, objects: [], capabilities: { rename: true, locks: false } },
  },
  syncRefused: 'No need to.',
  access: { cluster: 'Everybody.', machine: 'Everybody.' },
  ...changes,
});

const inCluster = declared({
  lacks: [
    { what: 'signedUrls', reason: 'Nothing to sign with.' },
    { what: 'checksum', reason: 'It sums nothing.' },
  ],
  mounts: {
    cluster: { kind: 'kubernetes', driver: 'a.csi.example', objects: ['PersistentVolume'], capabilities: {} },
    machine: { refused: 'No cluster.' },
  },
  syncRefused: null,
  access: { cluster: 'By name.', machine: 'Nobody.' },
});

const RESULTS = [
  {
    name: 'local',
    storage: 'local',
    suite: 's1',
    declared: declared(),
    promises: [
      { promise: 'names: a|b', outcome: 'passed', reason: null },
      { promise: 'names: c', outcome: 'lacking', reason: 'Has none.' },
      { promise: 'lists: d', outcome: 'failed', reason: 'expected 1 to be 2' },
    ],
  },
  {
    name: 'far',
    storage: 'Far (server)',
    suite: 's1',
    declared: inCluster,
    promises: [
      { promise: 'names: a|b', outcome: 'fault', reason: 'It forgets.' },
      { promise: 'names: c', outcome: 'lacking', reason: 'Has none.' },
      { promise: 'lists: d', outcome: 'skipped', reason: 'One process.' },
    ],
  },
  { name: 'other', storage: 'Other', suite: 's1', declared: null, promises: [] },
];

test('a row a topic with counts, reasons as notes, each told once', () => {
  const page = parityPage(RESULTS);
  expect(page).toContain('| names | ✓ 1 · — 1[^1] | — 1[^1] · ? 1[^2] |');
  expect(page).toContain('| lists | ✗ 1 | n/a 1[^3] |');
  expect(page).toContain('[^1]: Has none.\n[^2]: Far (server): It forgets.\n[^3]: One process.');
  expect(page.match(/Has none\./g)).toHaveLength(1);
});

test('promises one by one in folded sections', () => {
  const page = parityPage(RESULTS);
  expect(page).toContain('<details><summary>names</summary>');
  expect(page).toContain('| a\\|b | ✓ | ?[^2] |');
});

test('capabilities, settings, mounts and access as the storages say them', () => {
  const page = parityPage(RESULTS);
  expect(page).toMatch(/signed links \| —\[\^(\d)\] \| —\[\^\1\] \|/);
  expect(page).toContain('| Nobody outside may look | ✓ | ✓ |');
  expect(page).toMatch(/\| Each access is written down \| ○ \| ○ \|/);
  expect(page).toContain('| the folder itself | `a.csi.example`, volume and claim |');
  expect(page).toContain('- **Local.** Everybody.');
  expect(page).toContain('- **Far (server).** In a cluster: By name. Elsewhere: Nobody.');
  expect(page).toContain('- **Far (server)**, `checksum`: It sums nothing.');
});

test('a page names its columns, and results that do not fill them make none', () => {
  const columns = columnsOf(parityPage(RESULTS));
  expect(columns).toEqual(['local', 'far', 'other']);
  expect(whyIncomplete(RESULTS, columns)).toBeNull();
  expect(whyIncomplete(RESULTS.slice(1), columns)).toBe('no results of local');
  expect(whyIncomplete([], [])).toBe('no results at all');
  expect(whyIncomplete([...RESULTS, { ...RESULTS[0], suite: 's0' }], columns)).toMatch(/different states/);
});

test('results are columns in one order, wherever they come from', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parity-'));
  try {
    mkdirSync(join(folder, 'sub'));
    for (const name of ['zoo', 'local', 'azure', 'memory']) {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ storage: name, promises: [] }));
    }
    expect(readResults(folder).map(({ name }) => name)).toEqual(['memory', 'local', 'azure', 'zoo']);
    expect(readResults(join(folder, 'none'))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
