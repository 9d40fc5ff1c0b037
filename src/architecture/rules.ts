/**
 * The house rules of docs/ARCHITECTURE.md that a program can check. Each rule looks at all files and names what breaks it; none
 * reads the disk. Called by architecture.test.ts, which also shows every rule a sample that it must report.
 */
import { posix } from 'node:path';
import type { Import, Source } from './source.ts';

export interface Rule {
  name: string;
  /** One sentence per violation, each starting with the file. */
  check(sources: readonly Source[]): string[];
}

interface Reach {
  layer: string;
  typeOnly?: true;
}

const any = (...layers: string[]): Reach[] => layers.map((layer) => ({ layer }));
const types = (...layers: string[]): Reach[] => layers.map((layer) => ({ layer, typeOnly: true }));

/** Who may import whom. A layer may always import itself; `providers/<name>` stands for every provider. */
const MAY_IMPORT: Readonly<Record<string, Reach[]>> = {
  app: [...any('ui', 'domain'), ...types('boot')],
  ui: [...any('domain'), ...types('api')],
  api: any('services', 'domain'),
  services: any('domain', 'ports', 'database'),
  'providers/<name>': any('ports', 'domain', 'providers/kubernetes'),
  'providers/registry': any('ports', 'domain', 'providers/<name>'),
  ports: any('domain'),
  domain: [],
  gateway: any('domain'),
  terminal: any('domain'),
  sync: any('ports', 'domain'),
  'sync/main': any('sync', 'ports', 'domain', 'providers/registry'),
  'database/replication': [],
  database: [...any('database/replication'), ...types('domain')],
  boot: any('api', 'services', 'domain', 'ports', 'gateway', 'database', 'database/replication', 'providers/registry'),
  server: any('boot'),
  cli: any('boot'),
};

/** Packages that belong to some layers only, by the start of their name. */
const PACKAGES: readonly { starts: string[]; layers: string[]; typesAnywhere?: true }[] = [
  { starts: ['@google-cloud/', '@aws-sdk/', '@smithy/', '@kubernetes/'], layers: ['providers/<name>'] },
  { starts: ['better-sqlite3', 'drizzle-orm'], layers: ['database', 'boot'] },
  { starts: ['next'], layers: ['app', 'ui', 'boot'], typesAnywhere: true },
  { starts: ['next-auth'], layers: ['services'], typesAnywhere: true },
  { starts: ['react', 'react-dom', '@trpc/client', '@trpc/react-query', '@tanstack/'], layers: ['app', 'ui'] },
  { starts: ['@trpc/server'], layers: ['api', 'boot'], typesAnywhere: true },
];

const PROGRAMS = ['src/terminal/main.ts', 'src/sync/main.ts', 'src/providers/local/supervisor/main.ts'];
const VENDOR_WORDS = new Set(['gcp', 'aws', 'google', 'cognito']);
const VAGUE_NAMES = /^(utils?|helpers?|common|misc|manager)$/;
const MAX_LINES = 500;

/** Tests and what only they use, such as `test-bed.ts`. */
const isTest = (path: string): boolean => /\.test\.tsx?$|(^|\/)test-[a-z-]+\.ts$|^src\/architecture\//.test(path);
const isConformance = (path: string): boolean => /conformance/.test(path);
/** Files that make up the product; tests may reach further than what they test. */
const product = (sources: readonly Source[]): Source[] =>
  sources.filter(({ path }) => /^(src|prisma-free-db)\//.test(path) && !isTest(path));

function layerOf(path: string): string {
  const [, folder = '', inner = ''] = /^src\/([^/]+)(?:\/([^/]+))?/.exec(path) ?? [];
  if (path.startsWith('prisma-free-db/replication/')) return 'database/replication';
  if (path.startsWith('prisma-free-db/')) return 'database';
  if (path === 'src/sync/main.ts') return 'sync/main';
  if (folder === 'providers')
    return inner.endsWith('.ts') ? `providers/${inner.replace('.ts', '')}` : `providers/${inner}`;
  return folder.replace(/\.ts$/, '');
}

/** The row of MAY_IMPORT for a layer. */
const rowOf = (layer: string): string =>
  layer.startsWith('providers/') && layer !== 'providers/registry' ? 'providers/<name>' : layer;

/** Path of the file that a relative import names, null for packages. */
function targetOf(path: string, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null;
}

function mayImport(from: string, to: string, kind: Import['kind']): boolean {
  if (from === to) return true;
  return (MAY_IMPORT[rowOf(from)] ?? []).some(
    ({ layer, typeOnly }) =>
      (layer === to || layer === rowOf(to)) && layer !== rowOf(from) && (!typeOnly || kind === 'type'),
  );
}

const layers: Rule = {
  name: 'each layer imports only what the table allows',
  check: (sources) =>
    product(sources).flatMap(({ path, imports }) => {
      const from = layerOf(path);
      if (MAY_IMPORT[rowOf(from)] === undefined)
        return [`${path} is in a folder that the table of layers does not know`];
      return imports.flatMap(({ specifier, kind }) => {
        const target = targetOf(path, specifier);
        if (target === null || mayImport(from, layerOf(target), kind)) return [];
        return [`${path} (${from}) imports ${specifier} (${layerOf(target)}) as ${kind}`];
      });
    }),
};

const lazyProviders: Rule = {
  name: 'providers load lazily: the registry imports them dynamically, by name',
  check: (sources) =>
    product(sources).flatMap(({ path, imports }) =>
      imports
        .filter(
          ({ specifier, kind }) => kind === 'value' && layerOf(path) !== layerOf(targetOf(path, specifier) ?? path),
        )
        .filter(
          ({ specifier }) =>
            layerOf(path) === 'providers/registry' &&
            rowOf(layerOf(targetOf(path, specifier) ?? '')) === 'providers/<name>',
        )
        .map(({ specifier }) => `${path} imports ${specifier} at start`),
    ),
};

const packages: Rule = {
  name: 'cloud SDKs, database, Next, React and tRPC stay in their layers; the domain imports nothing',
  check: (sources) =>
    product(sources).flatMap(({ path, imports }) => {
      const layer = layerOf(path);
      return imports.flatMap(({ specifier, kind }) => {
        if (specifier.startsWith('.')) return [];
        if (layer === 'domain') return [`${path} imports ${specifier}; the domain imports nothing`];
        if (layer === 'ui' && specifier.startsWith('node:') && kind !== 'type')
          return [`${path} imports ${specifier}; pages run in browsers`];
        const rule = PACKAGES.find(({ starts }) =>
          starts.some(
            (start) => specifier === start || specifier.startsWith(start.endsWith('/') ? start : `${start}/`),
          ),
        );
        if (!rule || rule.layers.includes(rowOf(layer)) || (rule.typesAnywhere && kind === 'type')) return [];
        return [`${path} imports ${specifier}, which belongs to ${rule.layers.join(', ')}`];
      });
    }),
};

const testCode: Rule = {
  name: 'what ships imports no test code',
  check: (sources) =>
    product(sources)
      .filter(({ path }) => !isConformance(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ specifier }) => specifier === 'vitest' || isTest(targetOf(path, specifier) ?? ''))
          .map(({ specifier }) => `${path} imports ${specifier}`),
      ),
};

const vendorWords: Rule = {
  name: 'no vendor is named outside src/providers',
  check: (sources) =>
    product(sources)
      .filter(({ path }) => path.startsWith('src/') && !path.startsWith('src/providers/'))
      .flatMap(({ path, text }) =>
        `${path}\n${text}`.split('\n').flatMap((line, index) => {
          const word = (line.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).find((part) =>
            VENDOR_WORDS.has(part.toLowerCase()),
          );
          return word === undefined ? [] : [`${path}:${index} names ${word}`];
        }),
      ),
};

const environment: Rule = {
  name: 'process.env is read in boot/config.ts and in the main files of programs that run alone',
  check: (sources) =>
    product(sources)
      .filter(({ path }) => path !== 'src/boot/config.ts' && !PROGRAMS.includes(path))
      .filter(({ code }) =>
        /\bprocess\s*\??\.\s*env\b|\bprocess\[|\benv\b[^'"\n]*\}\s*(=\s*process\b|from\s*['"](node:)?process['"])/.test(
          code,
        ),
      )
      .map(({ path }) => `${path} reads process.env`),
};

const barrels: Rule = {
  name: 'no barrels',
  check: (sources) =>
    product(sources).flatMap(({ path, code }) => {
      if (/^index\.tsx?$/.test(posix.basename(path))) return [`${path} is named index`];
      if (/^\s*export\s+(type\s+)?\*/m.test(code)) return [`${path} re-exports all of another file`];
      const rest = code.replace(/^\s*export\s+(type\s+)?\{[^}]*\}\s*from\s*['"][^'"]+['"];?/gm, '');
      return rest !== code && rest.trim() === '' ? [`${path} only re-exports`] : [];
    }),
};

const cycles: Rule = {
  name: 'no import cycles',
  check: (sources) => {
    const known = new Set(sources.map(({ path }) => path));
    const edges = new Map(
      sources.map(({ path, imports }) => [
        path,
        imports
          .map(({ specifier }) => targetOf(path, specifier))
          .filter((target): target is string => target !== null && known.has(target)),
      ]),
    );
    const found: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      const start = trail.indexOf(path);
      if (start >= 0) found.push([...trail.slice(start), path].join(' → '));
      if (start >= 0 || done.has(path)) return;
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of edges.keys()) visit(path, []);
    return found;
  },
};

const sizes: Rule = {
  name: `no file over ${MAX_LINES} lines, conformance suites excepted`,
  check: (sources) =>
    sources
      .filter(({ path }) => /\.(ts|tsx|mjs)$/.test(path) && !isConformance(path))
      .map(({ path, text }) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
      .filter(({ lines }) => lines > MAX_LINES)
      .map(({ path, lines }) => `${path} has ${lines} lines`),
};

const names: Rule = {
  name: 'files are named in kebab-case by what they hold',
  check: (sources) =>
    sources.flatMap(({ path }) => {
      const [stem = ''] = posix.basename(path).split('.');
      if (VAGUE_NAMES.test(stem) || path.split('/').some((part) => VAGUE_NAMES.test(part)))
        return [`${path} says nothing of its content`];
      return /^(\[[.a-z-]+\]|[a-z0-9]+(-[a-z0-9]+)*)$/.test(stem) ? [] : [`${path} is not in kebab-case`];
    }),
};

export const RULES: readonly Rule[] = [
  layers,
  lazyProviders,
  packages,
  testCode,
  vendorWords,
  environment,
  barrels,
  cycles,
  sizes,
  names,
];
