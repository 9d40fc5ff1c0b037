/**
 * `npm run test:extended`: the storages on real servers, the database under kills, and the product with real JupyterLab and
 * Streamlit. All of them are made by e2e/servers/programs.mjs at pinned versions and kept between runs outside the checkout. What
 * cannot be made here is skipped with the reason; in continuous integration that is a failure. Dependency-free, runs on Node 20.
 */
import './node-version.mjs';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { program, programTitle } from '../e2e/servers/programs.mjs';
import { ROOT } from './checkout.mjs';
import { readResults, whyIncomplete } from './parity.mjs';
import { prepare } from './prepare.mjs';
import { countMissing } from './reports.mjs';
import { StepFailed } from './steps.mjs';
import { createSuite } from './suite.mjs';

/** Servers, and the tests (parts of their paths) that need them. */
const STORAGES = {
  versitygw: ['e2e/servers/', 'e2e/conformance/s3-versitygw', 'e2e/conformance/faults'],
  'fake-gcs-server': ['e2e/conformance/gcs-fake-gcs-server', 'e2e/conformance/database-log'],
  moto: ['e2e/conformance/s3-moto', 'e2e/conformance/cognito-moto'],
  keycloak: ['e2e/conformance/oidc-keycloak'],
  kubeconform: ['e2e/conformance/mounts-kubernetes', 'e2e/conformance/environments-kubernetes'],
};

/** Of processes that keep the database, in a folder and on an S3 server; many more by `npm run prove durability`. */
const KILLS = 60;

const suite = createSuite();
const required = Boolean(process.env.CI);

/** Folder of a program's executables; null, and counted, where it cannot be made. */
async function made(name) {
  try {
    return await program(name);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    suite.add(countMissing(programTitle(name), error.why, { required }));
    return null;
  }
}

const hasSpecs = () => {
  const folder = join(ROOT, 'e2e', 'extended');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.spec.ts'));
};

async function storages(node) {
  const there = [];
  for (const server of Object.keys(STORAGES)) {
    if ((await made(server)) !== null) there.push(server);
  }
  const paths = there.flatMap((server) => STORAGES[server]);
  if (paths.length > 0) {
    await suite.vitest('Storages on real servers', node, ['--config', 'vitest.extended.config.ts', ...paths]);
  }
  if (there.includes('versitygw')) {
    const proof = [join(ROOT, 'prove', 'run.ts'), 'durability', '--kills', String(KILLS)];
    await suite.check(`The database under ${KILLS} kills`, node, ['--disable-warning=ExperimentalWarning', ...proof]);
  }
}

/** The committed matrix is what the suites have just found out. */
async function parity(node) {
  const why = whyIncomplete(readResults());
  if (why !== null) return suite.add(countMissing('docs/PARITY.md', `${why}: run npm test first`, { required }));
  await suite.check('Parity matrix', node, [join(ROOT, 'scripts', 'parity.mjs'), '--check']);
}

async function journeys(node) {
  if (!hasSpecs()) return suite.add(countMissing('Extended journeys', 'e2e/extended holds no specs', { required }));
  const tools = await made('applications');
  if (tools !== null) {
    await suite.playwright('Extended journeys', node, ['--project=extended'], { CMBCLUSTER_E2E_TOOLS: tools });
  }
}

let node = null;
const built = await suite.work('Building', async () => {
  node = await prepare();
});
if (built) {
  await storages(node);
  await parity(node);
  await journeys(node);
}
process.exitCode = suite.close();
