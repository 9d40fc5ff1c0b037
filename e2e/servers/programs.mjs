/**
 * The real servers and applications that the extended suite runs against: which, at which pinned version, and how each is made.
 * Made once, kept outside the checkout in a folder named by a hash of all that went into it, so that a new pin is a new folder
 * and clones share the work. `node e2e/servers/programs.mjs versitygw moto` makes them by hand. Dependency-free, runs on Node 20.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from '../../scripts/checkout.mjs';
import { takeLock } from '../../scripts/lock.mjs';
import { explain, run, StepFailed, step } from '../../scripts/steps.mjs';

const SCHEMAS = fileURLToPath(new URL('kubernetes-schemas.mjs', import.meta.url));

/**
 * `pip`: a virtual environment of exactly these; `go`: the programs of these modules; `schemas`: of this Kubernetes; `maven`: a
 * server that comes as an archive, built for tests.
 */
const PROGRAMS = {
  applications: { title: 'JupyterLab and Streamlit', pip: ['jupyterlab==4.6.6', 'streamlit==1.67.0'] },
  versitygw: { title: 'versitygw', go: ['github.com/versity/versitygw/cmd/versitygw@v1.8.0'] },
  moto: { title: 'moto', pip: ['moto[server]==5.2.5'] },
  'fake-gcs-server': { title: 'fake-gcs-server', go: ['github.com/fsouza/fake-gcs-server@v1.56.1'] },
  keycloak: { title: 'Keycloak', maven: ['org.keycloak:keycloak-quarkus-dist:26.0.7:zip'] },
  litestream: { title: 'litestream', go: ['github.com/benbjohnson/litestream/cmd/litestream@v0.5.18'] },
  rclone: { title: 'rclone', go: ['github.com/rclone/rclone@v1.76.0'] },
  kubeconform: {
    title: 'kubeconform and the schemas of Kubernetes',
    go: ['github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0'],
    schemas: ['k8s.io/kubernetes@v1.34.4'],
  },
};

export const PROGRAM_NAMES = Object.keys(PROGRAMS);

export function programTitle(name) {
  return PROGRAMS[name].title;
}

const MAVEN_COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
/** Its database is memory, so that every start is a fresh one. */
const KEYCLOAK_BUILD = ['build', '--db=dev-mem'];

const MAKERS = {
  pip: {
    tool: ['python3', '--version'],
    missing: 'python3 is not installed',
    commands: (folder, pins) => [
      ['python3', ['-m', 'venv', folder]],
      [join(folder, 'bin', 'pip'), ['install', '--disable-pip-version-check', '--no-input', ...pins]],
    ],
  },
  go: {
    tool: ['go', 'version'],
    missing: 'go is not installed',
    commands: (folder, pins) => pins.map((pin) => ['env', [`GOBIN=${join(folder, 'bin')}`, 'go', 'install', pin]]),
  },
  maven: {
    // Tells its Java as well.
    tool: ['mvn', '--version'],
    missing: 'maven and java are not installed',
    made: KEYCLOAK_BUILD.join(' '),
    commands: (folder, pins) =>
      pins.flatMap((pin) => [
        ['mvn', ['-B', '-ntp', MAVEN_COPY, `-Dartifact=${pin}`, `-DoutputDirectory=${join(folder, 'archive')}`]],
        ['sh', ['-c', 'cd "$1/archive" && unzip -q *.zip && mv */* .. && cd .. && rm -r archive', 'sh', folder]],
        // Once, instead of at every start.
        ['env', ['JAVA_OPTS_KC_HEAP=-Xmx512m', join(folder, 'bin', 'kc.sh'), ...KEYCLOAK_BUILD]],
      ]),
  },
  schemas: {
    tool: ['go', 'version'],
    missing: 'go is not installed',
    made: readFileSync(SCHEMAS, 'utf8'),
    commands: (folder, pins) => pins.map((pin) => [process.execPath, [SCHEMAS, join(folder, 'schemas'), pin]]),
  },
};

/** Where a program is, once it is made. @throws StepFailed when the tool that makes it is not here */
function placeOf(name) {
  const kinds = Object.keys(MAKERS).filter((kind) => kind in PROGRAMS[name]);
  const inputs = kinds.flatMap((kind) => {
    const { tool, missing, made } = MAKERS[kind];
    const [command, ...args] = tool;
    const version = spawnSync(command, args, { encoding: 'utf8' });
    if (version.status !== 0) throw new StepFailed(`Installing ${PROGRAMS[name].title}`, { why: missing });
    return [...PROGRAMS[name][kind], version.stdout.trim(), ...(made === undefined ? [] : [made])];
  });
  const key = createHash('sha256')
    .update([...inputs, process.platform, process.arch].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const home = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cmbcluster-e2e');
  const folder = join(home, `${name}-${key}`);
  const commands = kinds.flatMap((kind) => MAKERS[kind].commands(folder, PROGRAMS[name][kind]));
  return { commands, inputs, folder };
}

/**
 * Folder with the executables of a program, which is made when it is missing. Safe to call by several processes at once.
 * @throws StepFailed when it cannot be made here
 */
export async function program(name) {
  const { commands, inputs, folder } = placeOf(name);
  const bin = join(folder, 'bin');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return bin;
  const title = PROGRAMS[name].title;
  const lock = await takeLock(`${folder}.lock`, {
    onWait: (pid) => console.log(`  Another run installs ${title} (process ${pid}); waiting for it.`),
  });
  try {
    if (existsSync(complete)) return bin;
    await step(`Installing ${title}`, async ({ note }) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const logFile = join(CACHE, 'logs', `install-${name}.log`);
      for (const [command, args] of commands) {
        const done = await run(command, args, { logFile, onLine: (line) => note(line.trim()), onSpawn: lock.working });
        if (done.code !== 0) throw new StepFailed(`Installing ${title}`, { why: done.tail });
      }
      writeFileSync(`${complete}.new`, `${inputs.join('\n')}\n`);
      renameSync(`${complete}.new`, complete);
    });
    return bin;
  } finally {
    lock.release();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : PROGRAM_NAMES;
  const unknown = wanted.filter((name) => !PROGRAM_NAMES.includes(name));
  if (unknown.length > 0) {
    console.error(`Unknown: ${unknown.join(', ')}. Known: ${PROGRAM_NAMES.join(', ')}.`);
    process.exitCode = 1;
  } else {
    try {
      for (const name of wanted) console.log(`${name}: ${await program(name)}`);
    } catch (error) {
      process.exitCode = explain(error);
    }
  }
}
