// Builds the built-in Terminal: the program (terminal.mjs) and, beside it, bash's start file and the folder `terminal` with its page. Called by
// scripts/build.mjs and by the Terminal's own test; as a command it takes the output folder.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src/terminal');

/** @param {{ outDir: string, minify?: boolean }} options outDir is created; its folder `terminal` is replaced */
export async function buildTerminal({ outDir, minify = true }) {
  const pageDir = join(outDir, 'terminal');
  await rm(pageDir, { recursive: true, force: true });
  await mkdir(pageDir, { recursive: true });
  await Promise.all([
    build({
      entryPoints: [join(SOURCE, 'main.ts')],
      outfile: join(outDir, 'terminal.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      minify,
      legalComments: 'none',
      // Native; the two others are optional speed-ups that ws looks for and does without.
      external: ['@lydell/node-pty', 'bufferutil', 'utf-8-validate'],
      // ws is CommonJS: inside an ES module its require() of Node's own modules needs a real one.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'warning',
    }),
    build({
      entryPoints: [
        { in: join(SOURCE, 'page/main.ts'), out: 'page' },
        { in: join(SOURCE, 'page/page.css'), out: 'page' },
      ],
      outdir: pageDir,
      bundle: true,
      platform: 'browser',
      format: 'iife',
      target: ['chrome111', 'firefox115', 'safari16.4'],
      minify,
      legalComments: 'none',
      loader: { '.woff2': 'file' },
      assetNames: '[name]-[hash]',
      logLevel: 'warning',
    }),
    copyFile(join(SOURCE, 'page/index.html'), join(pageDir, 'index.html')),
    copyFile(join(SOURCE, 'bashrc'), join(outDir, 'terminal.bashrc')),
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildTerminal({ outDir: process.argv[2] ?? join(ROOT, 'dist/programs') });
}
