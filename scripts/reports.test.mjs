/** A green closing line must mean that something was tested and nothing failed. */
import { describe, expect, it } from 'vitest';
import { closingLine, countCheck, countMissing, countPlaywright, countVitest, sum } from './reports.mjs';

const file = (statuses, status = 'passed') => ({
  name: 'a.test.ts',
  status,
  assertionResults: statuses.map((each, index) => ({ status: each, fullName: `test ${index}` })),
});
const spec = (title, status, annotations = []) => ({ title, tests: [{ status, annotations }] });
const browser = (specs, errors = []) => ({
  suites: [{ title: 'a.spec.ts', specs: [], suites: [{ title: 'group', specs }] }],
  errors,
});

describe('countVitest', () => {
  it('counts each test', () => {
    const found = countVitest(
      'Unit',
      { testResults: [file(['passed', 'passed', 'skipped', 'todo']), file(['failed'], 'failed')] },
      1,
    );
    expect(closingLine(found)).toBe('2 passed, 1 failed, 2 skipped');
    expect(found.failures).toEqual(['test 0']);
  });

  it.each([
    ['no report', null, 0],
    ['a report without tests', { testResults: [] }, 0],
  ])('fails on %s', (_, report, code) => {
    expect(countVitest('Unit', report, code).failed).toBe(1);
  });

  it('fails when a file could not be loaded, or the runner ended badly though all passed', () => {
    expect(countVitest('Unit', { testResults: [file(['passed']), file([], 'failed')] }, 1).failed).toBe(1);
    expect(countVitest('Unit', { testResults: [file(['passed'])] }, 1).failed).toBe(1);
    expect(countVitest('Unit', { testResults: [file(['passed'])] }, null).failed).toBe(1);
  });
});

describe('countPlaywright', () => {
  it('counts each test with its place and the reason of a skip', () => {
    const skip = [{ type: 'skip', description: 'no python3' }];
    const specs = [
      spec('opens', 'expected'),
      spec('closes', 'unexpected'),
      spec('waits', 'skipped', skip),
      spec('wavers', 'flaky'),
    ];
    const found = countPlaywright('Journeys', browser(specs), 1);
    expect(closingLine(found)).toBe('2 passed, 1 failed, 1 skipped');
    expect(found.failures).toEqual(['a.spec.ts › group › closes']);
    expect(found.skips).toEqual(['a.spec.ts › group › waits: no python3']);
  });

  it('fails on errors outside tests and when nothing ran', () => {
    expect(
      countPlaywright('Journeys', browser([spec('opens', 'expected')], [{ message: 'no server\n at x' }]), 1).failed,
    ).toBe(1);
    expect(countPlaywright('Journeys', browser([]), 0).failed).toBe(1);
    expect(countPlaywright('Journeys', null, 1).failed).toBe(1);
  });
});

it('sums parts, and a missing backend is a skip or a failure as asked', () => {
  const parts = [
    countCheck('Lint', true),
    countCheck('Types', false),
    countMissing('JupyterLab', 'no python3', { required: false }),
  ];
  expect(closingLine(sum(parts))).toBe('1 passed, 1 failed, 1 skipped');
  expect(closingLine(countMissing('JupyterLab', 'no python3', { required: true }))).toBe(
    '0 passed, 1 failed, 0 skipped',
  );
});
