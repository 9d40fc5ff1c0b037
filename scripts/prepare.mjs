/**
 * Makes this checkout ready to run: packages installed when the lockfile changed, built when the sources changed, nothing done
 * otherwise. Called by every script that needs a build. Never works under a running server or beside another install or build;
 * an interrupted step leaves no stamp, so the next call does it again. Dependency-free, runs on Node 20.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  BUILD_STAMP,
  CACHE,
  HIDDEN_LOCK,
  INSTALL_STAMP,
  installedByHand,
  installStamp,
  isBuilt,
  lockHash,
  ROOT,
  requiredPackages,
  runningServers,
} from './checkout.mjs';
import { takeLock } from './lock.mjs';
import { atLeast, SERVER_NODE } from './node-version.mjs';
import { run, StepFailed, step } from './steps.mjs';

/** Tells scripts/build.mjs that its parent holds the lock. */
export const LOCK_HELD = 'CMBCLUSTER_BUILD_LOCKED';

/** The Node that runs server, build and tests: the one from npm where it runs on this machine, else this one if it is new enough. */
function pickNode() {
  const shipped = join(ROOT, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(shipped) && spawnSync(shipped, ['--version']).status === 0) return shipped;
  if (atLeast(process.versions.node, SERVER_NODE)) return process.execPath;
  throw new StepFailed('Finding a Node for the server', {
    why: `npm brought no Node that runs on ${process.platform} ${process.arch}, and this one is ${process.versions.node}.`,
    remedy: `Install Node ${SERVER_NODE.join('.')} or newer from https://nodejs.org and run the same command again.`,
  });
}

/** The environment with this checkout's own .bin folder out of the PATH: npm must not run on the Node that it is about to replace. */
function outsideEnvironment() {
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== join(ROOT, 'node_modules', '.bin'));
  return { ...process.env, PATH: path.join(delimiter) };
}

/** The same environment with the packages' programs (and Node 24) first in the PATH. */
export function insideEnvironment(extra = {}) {
  const { PATH } = outsideEnvironment();
  return { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}${delimiter}${PATH}`, ...extra };
}

async function install(lock) {
  rmSync(INSTALL_STAMP, { force: true });
  if (installedByHand()) return stampInstall();
  rmSync(HIDDEN_LOCK, { force: true });
  await step('Installing packages', async ({ note }) => {
    const wanted = requiredPackages().map(([path]) => join(ROOT, path, 'package.json'));
    const count = () => note(`${wanted.filter((path) => existsSync(path)).length} of ${wanted.length}`);
    const timer = process.stdout.isTTY ? setInterval(count, 500) : null;
    const args = [
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ];
    const logFile = join(CACHE, 'logs', 'install.log');
    const done = await run('npm', [...args, '--prefer-offline'], {
      cwd: ROOT,
      env: outsideEnvironment(),
      logFile,
      onSpawn: lock.working,
    });
    if (timer) clearInterval(timer);
    if (done.code !== 0) {
      throw new StepFailed('Installing packages', {
        why: done.tail.replace(/^npm error {2,}.*\n/gm, ''),
        remedy:
          'Check the network and the free disk space, then run the same command again: it starts the install over by itself.',
      });
    }
    return `${wanted.length} packages`;
  });
  stampInstall();
}

function stampInstall() {
  writeFileSync(INSTALL_STAMP, JSON.stringify({ lock: lockHash(), node: pickNode() }));
}

/** scripts/build.mjs prints its own steps and failures; only its exit code matters here. */
async function build(node, lock) {
  const env = insideEnvironment({ [LOCK_HELD]: '1' });
  const child = spawn(node, [join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT, env, stdio: 'inherit' });
  if (child.pid) lock.working(child.pid);
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (status) => resolve(status ?? 1));
  });
  if (code !== 0) throw new StepFailed('Building');
}

function refuseUnderRunningServer(what) {
  const pids = runningServers();
  if (pids.length === 0) return;
  throw new StepFailed(what, {
    why: `A server runs from this folder (process ${pids.join(', ')}). Replacing its files would break it.`,
    remedy: `Stop it first: Ctrl-C in its terminal, or kill ${pids[0]}. Then run the same command again.`,
  });
}

/**
 * Installs and builds what is missing. With `forceBuild` the build runs even when it is up to date.
 * @returns the path of the Node to run the server with
 * @throws StepFailed
 */
export async function prepare({ forceBuild = false, withBuild = true } = {}) {
  const ready = installStamp();
  const needsBuild = () => withBuild && (forceBuild || !isBuilt());
  if (ready && !needsBuild()) return ready.node;
  const lock = await takeLock(join(CACHE, 'prepare.lock'), {
    onWait: (pid) => console.log(`  Another command prepares this folder (process ${pid}); waiting for it.`),
  });
  try {
    if (!installStamp()) {
      refuseUnderRunningServer('Installing packages');
      await install(lock);
    }
    const { node } = installStamp();
    if (needsBuild()) {
      refuseUnderRunningServer('Building');
      rmSync(BUILD_STAMP, { force: true });
      await build(node, lock);
    }
    return node;
  } finally {
    lock.release();
  }
}
