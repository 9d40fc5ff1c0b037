/**
 * Bundles the server, the commands and the programs that run beside it with esbuild. Called by build.mjs (production) and dev.mjs
 * (watching). Bundled because loading hundreds of small files costs start time and memory; what holds native code, and Next,
 * stays outside. The server must never contain React or Next: a second copy would not see the first one's state.
 */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { DIST, ROOT } from './checkout.mjs';

const OUTSIDE = ['next', 'next/*', 'react', 'react-dom', 'better-sqlite3', '@lydell/node-pty', '@node-rs/crc32'];

/** CommonJS packages inside an ES module still call require. */
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Names of the folders under src/providers that hold a provider; the registry of a bundle cannot look at folders. */
export function providerNames(root = ROOT) {
  const folder = join(root, 'src', 'providers');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'provider.ts')))
    .map((entry) => entry.name)
    .sort();
}

const shared = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  outdir: DIST,
  external: OUTSIDE,
  metafile: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'silent',
};

/**
 * One esbuild option set per bundle. Server and commands share lazily loaded chunks (providers, commands). The supervisor, of which
 * one runs per environment, is one small file, and CommonJS because that starts sooner. The sync program loads one provider.
 */
export function bundles({ production }) {
  const define = {
    CMBCLUSTER_PROVIDERS: JSON.stringify(providerNames()),
    ...(production ? { 'process.env.NODE_ENV': '"production"' } : {}),
  };
  return {
    server: {
      ...shared,
      define,
      outExtension: { '.js': '.mjs' },
      banner: { js: REQUIRE },
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      entryPoints: { server: 'src/server.ts', cli: 'src/cli/main.ts' },
    },
    supervisor: {
      ...shared,
      define,
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      entryPoints: { 'programs/supervisor': 'src/providers/local/supervisor/main.ts' },
    },
    sync: {
      ...shared,
      define,
      outExtension: { '.js': '.mjs' },
      banner: { js: REQUIRE },
      splitting: true,
      chunkNames: 'programs/sync/[name]-[hash]',
      entryPoints: { 'programs/sync': 'src/sync/main.ts' },
    },
  };
}

/** Packages that must not be inside a server bundle but are. */
export function strayPackages(metafile) {
  const stray = Object.keys(metafile.inputs).filter((path) => /node_modules\/(next|react|react-dom)\//.test(path));
  return [...new Set(stray.map((path) => path.replace(/^.*node_modules\//, '').split('/')[0]))];
}

/** Bundles once. @returns how many files it wrote and their size, without source maps */
export async function bundleOnce(options) {
  const { metafile } = await esbuild.build(options);
  const stray = strayPackages(metafile);
  if (stray.length > 0) throw new Error(`${stray.join(', ')} got into ${Object.keys(options.entryPoints).join(', ')}.`);
  const written = Object.entries(metafile.outputs).filter(([path]) => !path.endsWith('.map'));
  return { files: written.length, bytes: written.reduce((total, [, { bytes }]) => total + bytes, 0) };
}

export function copyMigrations() {
  cpSync(join(ROOT, 'prisma-free-db', 'migrations'), join(DIST, 'migrations'), { recursive: true });
}
