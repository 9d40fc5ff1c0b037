/**
 * Builds dist/ (server, commands, programs) and .next/ (pages). Runs on Node 24; `npm run build` and every script that needs a
 * build come through prepare.mjs, which holds the lock. The stamp with the hash of the sources is written last: without it nothing
 * starts from dist/, so a failed or interrupted build is simply built again.
 */
import './node-version.mjs';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILD_STAMP, CACHE, DIST, ROOT, sourceHash } from './checkout.mjs';
import { insideEnvironment, LOCK_HELD, prepare } from './prepare.mjs';
import { explain, run, StepFailed, step } from './steps.mjs';

const REMEDY =
  'Mend what it names, then run the same command again. In an unchanged checkout this is a fault of CMBCluster: please report it.';

/** Runs one part of the build and turns whatever it throws into a failure that names the step. */
function part(name, work) {
  return step(name, async (progress) => {
    try {
      return await work(progress);
    } catch (error) {
      if (error instanceof StepFailed) throw error;
      const messages = error.errors?.map(({ text, location }) =>
        location ? `${location.file}:${location.line}: ${text}` : text,
      );
      throw new StepFailed(name, { why: messages?.join('\n') ?? error.stack, remedy: REMEDY });
    }
  });
}

const sizeOf = ({ files, bytes }) => `${Math.round(bytes / 1024)} KiB in ${files} ${files === 1 ? 'file' : 'files'}`;

async function buildPages({ note }) {
  const onLine = (line) => note(line.trim().slice(0, 60));
  const env = insideEnvironment({ NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' });
  const args = [join(ROOT, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build'];
  const done = await run(process.execPath, args, { cwd: ROOT, env, onLine, logFile: join(CACHE, 'logs', 'pages.log') });
  if (done.code !== 0) throw new StepFailed('Building the pages', { why: done.tail, remedy: REMEDY });
}

async function buildAll() {
  const hash = sourceHash();
  rmSync(BUILD_STAMP, { force: true });
  mkdirSync(DIST, { recursive: true });
  for (const name of readdirSync(DIST)) rmSync(join(DIST, name), { recursive: true, force: true });
  const { bundleOnce, bundles, copyMigrations } = await import('./bundle.mjs');
  const { server, supervisor, sync } = bundles({ production: true });
  await part('Bundling the server', async () => sizeOf(await bundleOnce(server)));
  await part('Bundling the supervisor', async () => sizeOf(await bundleOnce(supervisor)));
  await part('Bundling the sync program', async () => sizeOf(await bundleOnce(sync)));
  const { buildTerminal } = await import('./build-terminal.mjs');
  await part('Bundling the terminal', () => buildTerminal({ outDir: join(DIST, 'programs') }));
  await part('Copying the migrations', copyMigrations);
  await part('Building the pages', buildPages);
  writeFileSync(BUILD_STAMP, hash);
}

try {
  if (process.env[LOCK_HELD]) await buildAll();
  else await prepare({ forceBuild: true });
} catch (error) {
  process.exit(explain(error));
}
