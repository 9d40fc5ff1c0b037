/**
 * `npm test`: everything that must hold, on a fresh clone with nothing but Node and npm: install, lint, build, types, unit,
 * conformance and architecture tests, browser journeys. The last line sums the runners' reports; the exit code is true to it.
 * Dependency-free, runs on Node 20.
 */
import './node-version.mjs';
import { join } from 'node:path';
import { ROOT } from './checkout.mjs';
import { prepare } from './prepare.mjs';
import { createSuite } from './suite.mjs';

const suite = createSuite();
const tool = (...path) => join(ROOT, 'node_modules', ...path);

let node = null;
await suite.work('Installing packages', async () => {
  node = await prepare({ withBuild: false });
});
if (node !== null) {
  await suite.check('Lint', node, [tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--max-diagnostics=40']);
  const built = await suite.work('Building', () => prepare());
  // After the build: Next writes the types of its routes while it builds.
  await suite.check('Types', node, [tool('typescript', 'bin', 'tsc'), '--noEmit']);
  await suite.vitest('Unit tests', node);
  if (built) await suite.playwright('Browser journeys', node, ['--project=journeys']);
}
process.exitCode = suite.close();
