/**
 * `npm run dev`: server, commands and programs are bundled again on every change and the server restarts; pages reload by Next's own
 * means inside the server, which is told by CMBCLUSTER_DEV. Arguments go to the server. Uses dist/ like a build, without a stamp:
 * the next `npm start` builds anew.
 */
import './node-version.mjs';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD_STAMP, DIST, ROOT, runningServers } from './checkout.mjs';
import { insideEnvironment, prepare } from './prepare.mjs';
import { explain, StepFailed } from './steps.mjs';

/** Keeps one server running; a change while it ends is taken into account by the start that follows. */
function keepServer(node) {
  const env = insideEnvironment({ NODE_ENV: 'development', CMBCLUSTER_DEV: '1', NEXT_TELEMETRY_DISABLED: '1' });
  const args = [join(DIST, 'server.mjs'), ...process.argv.slice(2)];
  let child = null;
  let again = false;
  let ending = false;
  const start = () => {
    again = false;
    child = spawn(node, args, { cwd: ROOT, env, stdio: 'inherit', detached: true });
    child.once('close', (code) => {
      child = null;
      if (ending) process.exit(code ?? 1);
      if (again) start();
      else console.log(`The server ended (${code}); waiting for a change.`);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (child === null) process.exit(0);
      if (!ending) child.kill('SIGTERM');
      ending = true;
    });
  }
  return () => {
    if (child === null) return start();
    if (!again) child.kill('SIGTERM');
    again = true;
  };
}

async function watch(node) {
  const esbuild = await import('esbuild');
  const { bundles, copyMigrations } = await import('./bundle.mjs');
  const { buildTerminal } = await import('./build-terminal.mjs');
  rmSync(BUILD_STAMP, { force: true });
  copyMigrations();
  await buildTerminal({ outDir: join(DIST, 'programs'), minify: false });
  const { server, supervisor, sync } = bundles({ production: false });
  const restart = keepServer(node);
  const onEnd = ({ errors }) => {
    if (errors.length === 0) restart();
  };
  const plugins = [{ name: 'restart', setup: (build) => build.onEnd(onEnd) }];
  for (const program of [supervisor, sync]) {
    const beside = await esbuild.context({ ...program, logLevel: 'warning' });
    await beside.rebuild();
    await beside.watch();
  }
  const main = await esbuild.context({ ...server, plugins, logLevel: 'warning' });
  await main.watch();
}

try {
  const node = await prepare({ withBuild: false });
  const pids = runningServers();
  if (pids.length > 0) {
    const remedy = `Stop it first: Ctrl-C in its terminal, or kill ${pids[0]}.`;
    throw new StepFailed('Development mode', {
      why: `A server runs from this folder already (process ${pids.join(', ')}).`,
      remedy,
    });
  }
  await watch(node);
} catch (error) {
  process.exitCode = explain(error);
}
