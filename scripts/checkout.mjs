/**
 * What the scripts know about this checkout: where things are, whether the packages and the build are those of the sources (by
 * content, never by date), and which servers run from it. Dependency-free, runs on Node 20; reads only.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const DIST = join(ROOT, 'dist');
export const CACHE = join(ROOT, '.cache');
export const INSTALL_STAMP = join(ROOT, 'node_modules', '.cmbcluster-lock');
export const HIDDEN_LOCK = join(ROOT, 'node_modules', '.package-lock.json');
export const BUILD_STAMP = join(DIST, '.stamp');
const SERVER = join(DIST, 'server.mjs');

const SOURCE_FOLDERS = ['src', 'prisma-free-db', 'public'];
const SOURCE_FILES = ['next.config.mjs', 'postcss.config.mjs', 'tsconfig.json', 'package-lock.json'];

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** What an install must match: the lockfile and the machine it was made for. */
export function lockHash(root = ROOT) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  return hash.update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

/** The stamp of the last finished install, `{lock, node}`; null when there is none or it is of another lockfile. */
export function installStamp() {
  const stamp = readJson(INSTALL_STAMP);
  return stamp?.lock === lockHash() && existsSync(stamp.node) ? stamp : null;
}

/** Packages of the lockfile that an install on this machine must have; optional ones may be missing. */
export function requiredPackages(root = ROOT) {
  const lock = readJson(join(root, 'package-lock.json'));
  return Object.entries(lock?.packages ?? {}).filter(([path, entry]) => path !== '' && !entry.optional);
}

/** Whether npm itself finished installing exactly this lockfile, e.g. by a hand-typed `npm ci`. npm writes its record last. */
export function installedByHand(root = ROOT) {
  const record = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  const lock = readJson(join(root, 'package-lock.json'))?.packages;
  if (!record || !lock) return false;
  const known = Object.entries(record).every(
    ([path, entry]) => lock[path]?.version === entry.version && lock[path]?.integrity === entry.integrity,
  );
  return known && requiredPackages(root).every(([path]) => record[path] !== undefined);
}

function* filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) yield path;
  }
}

/** Hash over the content and names of everything that the build reads. Tests are left out: they change nothing that runs. */
export function sourceHash(root = ROOT) {
  const hash = createHash('sha256');
  const scripts = readdirSync(join(root, 'scripts')).filter((name) => /^(build|bundle).*\.mjs$/.test(name));
  const files = [
    ...SOURCE_FILES.map((name) => join(root, name)),
    ...scripts.sort().map((name) => join(root, 'scripts', name)),
    ...SOURCE_FOLDERS.flatMap((name) => (existsSync(join(root, name)) ? [...filesBelow(join(root, name))] : [])),
  ];
  for (const file of files) {
    if (!existsSync(file)) continue;
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether dist/ and .next/ are the finished build of these sources. */
export function isBuilt(wanted = sourceHash()) {
  return readText(BUILD_STAMP)?.trim() === wanted;
}

/** Process ids of servers that run from this checkout's dist/. Linux only; elsewhere none are found and the lock of the data folder still guards the data. */
export function runningServers(server = SERVER) {
  if (!existsSync('/proc/self/cmdline')) return [];
  const found = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = readText(`/proc/${name}/cmdline`)?.split('\0') ?? [];
    if (!words.some((word) => word.endsWith('server.mjs'))) continue;
    try {
      const cwd = readlinkSync(`/proc/${name}/cwd`);
      if (words.some((word) => word.endsWith('server.mjs') && resolve(cwd, word) === server)) found.push(Number(name));
    } catch {
      // It ended meanwhile, or belongs to someone else.
    }
  }
  return found;
}
