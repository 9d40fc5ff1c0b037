/**
 * One run of a test suite: checks in order, each with its time and counts, the output of what failed, and the closing line that
 * sums the reports. Used by test.mjs and test-extended.mjs. Dependency-free, runs on Node 20.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, ROOT } from './checkout.mjs';
import { insideEnvironment } from './prepare.mjs';
import { closingLine, countCheck, countPlaywright, countVitest, sum } from './reports.mjs';
import { explain, run, StepFailed, seconds, step, tailOf } from './steps.mjs';

const REPORTS = join(CACHE, 'reports');

/** A test that hangs must not hang the suite: far above what a check takes, below what a CI run may. */
const LIMIT_MS = 10 * 60_000;

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Prints what a failed check said, and where all of it is. */
function show(name, output, logFile) {
  console.log(`\n${tailOf(output, 80).replace(/^/gm, '    ')}\n    (${name}, whole output: ${logFile})\n`);
}

/**
 * Each method runs one check and adds its counts; `close` prints the summary and returns the exit code.
 */
export function createSuite() {
  const startedAt = Date.now();
  const parts = [];

  async function tool(name, args, { node, env = {}, count, counted = (part) => closingLine(part) }) {
    const slug = name.toLowerCase().replaceAll(' ', '-');
    const logFile = join(CACHE, 'logs', `${slug}.log`);
    let done;
    try {
      await step(name, async ({ note }) => {
        const onLine = (line) => note(line.trim());
        done = await run(node, args, { cwd: ROOT, env: insideEnvironment(env), logFile, onLine, limitMs: LIMIT_MS });
        const part = count(done.code);
        parts.push(part);
        if (part.failed > 0) throw new StepFailed(name);
        return counted(part);
      });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      show(name, done.output, logFile);
    }
  }

  return {
    add: (part) => parts.push(part),

    /** A tool that is right or wrong as a whole. */
    check: (name, node, args) =>
      tool(name, args, { node, count: (code) => countCheck(name, code === 0), counted: () => '' }),

    /** What has to be done before anything can be tested, such as the build; counts only when it fails. True when it was done. */
    async work(name, action) {
      try {
        await action();
        return true;
      } catch (error) {
        explain(error);
        parts.push(countCheck(name, false));
        return false;
      }
    },

    vitest(name, node, args = []) {
      const report = freshReport(name);
      const program = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
      return tool(name, [program, 'run', ...reporters, ...args], {
        node,
        count: (code) => countVitest(name, readReport(report), code),
      });
    },

    playwright(name, node, args = [], env = {}) {
      const report = freshReport(name);
      const program = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
      return tool(name, [program, 'test', '--reporter=line,json', ...args], {
        node,
        env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
        count: (code) => countPlaywright(name, readReport(report), code),
      });
    },

    close() {
      const total = sum(parts);
      for (const text of total.skips) console.log(`  skipped: ${text}`);
      for (const text of total.failures) console.log(`  failed: ${text}`);
      console.log(`\nin ${seconds(Date.now() - startedAt)}`);
      console.log(closingLine(total));
      return total.failed === 0 && total.passed + total.skipped > 0 ? 0 : 1;
    },
  };
}

/** Path for a report with nothing of an earlier run in it. */
function freshReport(name) {
  mkdirSync(REPORTS, { recursive: true });
  const report = join(REPORTS, `${name.toLowerCase().replaceAll(' ', '-')}.json`);
  rmSync(report, { force: true });
  return report;
}
