/**
 * `npm run test:extended`: the product with real JupyterLab and Streamlit, installed by pip at pinned versions into a private
 * virtual environment that is kept between runs outside the checkout. Where python3 or pip cannot do that, the suite is skipped
 * with the reason; in continuous integration that is a failure. Dependency-free, runs on Node 20.
 */
import './node-version.mjs';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CACHE, ROOT } from './checkout.mjs';
import { takeLock } from './lock.mjs';
import { prepare } from './prepare.mjs';
import { countMissing } from './reports.mjs';
import { run, StepFailed, step } from './steps.mjs';
import { createSuite } from './suite.mjs';

const PINS = ['jupyterlab==4.6.6', 'streamlit==1.67.0'];

/**
 * Folder with the programs of a finished virtual environment of exactly these pins and this Python, made when missing.
 * @throws StepFailed when it cannot be made here
 */
async function applications() {
  const python = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  if (python.status !== 0)
    throw new StepFailed('Installing JupyterLab and Streamlit', { why: 'python3 is not installed' });
  const key = createHash('sha256')
    .update([...PINS, python.stdout.trim(), process.arch].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const home = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cmbcluster-e2e');
  const folder = join(home, `applications-${key}`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return join(folder, 'bin');
  const lock = await takeLock(join(home, `applications-${key}.lock`), {
    onWait: (pid) => console.log(`  Another run installs them (process ${pid}); waiting for it.`),
  });
  try {
    if (existsSync(complete)) return join(folder, 'bin');
    await step('Installing JupyterLab and Streamlit', async ({ note }) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const options = {
        logFile: join(CACHE, 'logs', 'applications.log'),
        onLine: (line) => note(line.trim()),
        onSpawn: lock.working,
      };
      const venv = await run('python3', ['-m', 'venv', folder], options);
      const pip = ['install', '--disable-pip-version-check', '--no-input', ...PINS];
      const done = venv.code === 0 ? await run(join(folder, 'bin', 'pip'), pip, options) : venv;
      if (done.code !== 0) throw new StepFailed('Installing JupyterLab and Streamlit', { why: done.tail });
      writeFileSync(complete, `${PINS.join('\n')}\n`);
    });
    return join(folder, 'bin');
  } finally {
    lock.release();
  }
}

const hasSpecs = () => {
  const folder = join(ROOT, 'e2e', 'extended');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.spec.ts'));
};

const suite = createSuite();
const required = Boolean(process.env.CI);
let node = null;
if (!hasSpecs()) suite.add(countMissing('Extended journeys', 'e2e/extended holds no specs', { required }));
else if (
  await suite.work('Building', async () => {
    node = await prepare();
  })
) {
  try {
    const tools = await applications();
    await suite.playwright('Extended journeys', node, ['--project=extended'], { CMBCLUSTER_E2E_TOOLS: tools });
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    suite.add(countMissing('JupyterLab and Streamlit', error.why, { required }));
  }
}
process.exitCode = suite.close();
