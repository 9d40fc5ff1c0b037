/**
 * Counts what the test runners really ran, from their JSON reports. A runner that ran nothing, left no report or ended badly
 * without naming a failure counts as a failure: a green line must mean that something was tested. Pure.
 */

/** `{passed, failed, skipped, failures: string[], skips: string[]}` of one check. */
const counts = (part) => ({ passed: 0, failed: 0, skipped: 0, failures: [], skips: [], ...part });

/** A check that either holds or not: lint, types, the build. */
export function countCheck(name, ok) {
  return ok ? counts({ passed: 1 }) : counts({ failed: 1, failures: [name] });
}

/** One thing that could not run here, with its reason; where nothing may be missing it is a failure. */
export function countMissing(name, reason, { required }) {
  const text = `${name}: ${reason}`;
  return required ? counts({ failed: 1, failures: [text] }) : counts({ skipped: 1, skips: [text] });
}

function settle(name, found, code) {
  if (found.passed + found.failed + found.skipped === 0)
    return counts({ failed: 1, failures: [`${name}: no test ran`] });
  if (code !== 0 && found.failed === 0) {
    return {
      ...found,
      failed: 1,
      failures: [`${name}: the runner ended with ${code ?? 'a signal'} though no test failed`],
    };
  }
  return found;
}

/** @param report parsed JSON of vitest's json reporter, null when it left none */
export function countVitest(name, report, code) {
  const found = counts({});
  for (const file of report?.testResults ?? []) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') found.passed += 1;
      else if (test.status === 'failed') {
        found.failed += 1;
        found.failures.push(test.fullName);
      } else {
        found.skipped += 1;
        found.skips.push(test.fullName);
      }
    }
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
      found.failed += 1;
      found.failures.push(`${file.name} could not be run`);
    }
  }
  return settle(name, found, code);
}

function* specsOf(suite, path = []) {
  const here = [...path, suite.title].filter(Boolean);
  for (const spec of suite.specs ?? []) yield { spec, title: [...here, spec.title].join(' › ') };
  for (const inner of suite.suites ?? []) yield* specsOf(inner, here);
}

/** @param report parsed JSON of Playwright's json reporter, null when it left none */
export function countPlaywright(name, report, code) {
  const found = counts({});
  for (const suite of report?.suites ?? []) {
    for (const { spec, title } of specsOf(suite)) {
      for (const test of spec.tests) {
        if (test.status === 'expected' || test.status === 'flaky') found.passed += 1;
        else if (test.status === 'skipped') {
          const reason = test.annotations?.find((note) => note.type === 'skip')?.description;
          found.skipped += 1;
          found.skips.push(reason ? `${title}: ${reason}` : title);
        } else {
          found.failed += 1;
          found.failures.push(title);
        }
      }
    }
  }
  for (const error of report?.errors ?? []) {
    found.failed += 1;
    found.failures.push(`${name}: ${String(error.message).split('\n')[0]}`);
  }
  return settle(name, found, code);
}

export function sum(all) {
  return all.reduce(
    (total, part) => ({
      passed: total.passed + part.passed,
      failed: total.failed + part.failed,
      skipped: total.skipped + part.skipped,
      failures: [...total.failures, ...part.failures],
      skips: [...total.skips, ...part.skips],
    }),
    counts({}),
  );
}

/** The last line of every suite. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
