/**
 * Holds the source tree to the house rules, and the rules to their word: each is shown samples that it must report and near misses
 * that it must let pass, so that a rule that went blind is seen at once.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from './architecture/rules.ts';
import { readSource, type Source } from './architecture/source.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDERS = ['src', 'prisma-free-db', 'e2e', 'bench', 'scripts'];

function readTree(): Source[] {
  const files = FOLDERS.flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }));
  return files
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|css|html|md)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => readSource(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8')));
}

/** Files as `path: text`. */
const sourcesOf = (files: Record<string, string>): Source[] =>
  Object.entries(files).map(([path, text]) => readSource(path, text));

const tree = readTree();

describe('the source tree', () => {
  it('is read whole', () => {
    expect(tree.map(({ path }) => path)).toContain('src/architecture/rules.ts');
    const here = tree.find(({ path }) => path === 'src/architecture.test.ts');
    expect(here?.imports.map(({ specifier }) => specifier)).toEqual([
      'node:fs',
      'node:path',
      'vitest',
      './architecture/rules.ts',
      './architecture/source.ts',
    ]);
  });

  it.each(RULES)('$name', (rule) => {
    expect(rule.check(tree)).toEqual([]);
  });
});

describe('the reader of sources', () => {
  const importsOf = (text: string) => readSource('src/x.ts', text).imports;

  it('sees every form of import', () => {
    const text = [
      "import './side-effect.ts';",
      "import a, { type B } from './value.ts';",
      "import type { C } from './type.ts';",
      "import type D from './type-default.ts';",
      "import type from './named-type.ts';",
      "export type { E } from './type-export.ts';",
      'export {\n  f,\n  g,\n} from "./value-export.ts";',
      "export * from './star.ts';",
      "const h = await import('./dynamic.ts');",
      `const i = await import(\`./\${name}/computed.ts\`);`,
      "type J = typeof import('./type-of.ts');",
    ].join('\n');
    expect(importsOf(text).map(({ specifier, kind }) => `${kind} ${specifier}`)).toEqual([
      'value ./side-effect.ts',
      'value ./value.ts',
      'type ./type.ts',
      'type ./type-default.ts',
      'value ./named-type.ts',
      'type ./type-export.ts',
      'value ./value-export.ts',
      'value ./star.ts',
      'dynamic ./dynamic.ts',
      'dynamic ./*/computed.ts',
      'type ./type-of.ts',
    ]);
  });

  it('is not misled by comments, strings, templates and regular expressions', () => {
    const text = [
      "// import './a.ts';",
      "/*\nimport './b.ts';\n*/",
      `const text = \`\nimport './c.ts';\n\${\`\${'}'}\`}\nimport './d.ts';\n\`;`,
      'const quote = /["\'`]/;',
      "const half = 1 / 2; // it's",
      'const sample = "import(\'./e.ts\')";',
      "import './real.ts';",
    ].join('\n');
    expect(importsOf(text).map(({ specifier }) => specifier)).toEqual(['./real.ts']);
  });
});

interface Sample {
  rule: string;
  /** What is wrong or right here. */
  title: string;
  files: Record<string, string>;
  /** Text of the one violation; null when the rule must be content. */
  reports: string | null;
}

const lines = (count: number): string => 'export {};\n'.repeat(count);

const SAMPLES: readonly Sample[] = [
  {
    rule: 'the table',
    title: 'domain reaches up',
    files: { 'src/domain/a.ts': "import { b } from '../services/b.ts';" },
    reports: '(services)',
  },
  {
    rule: 'the table',
    title: 'a page imports the API',
    files: { 'src/ui/a.tsx': "import { r } from '../api/root.ts';" },
    reports: 'as value',
  },
  {
    rule: 'the table',
    title: 'a page imports types of the API',
    files: { 'src/ui/a.tsx': "import type { R } from '../api/root.ts';" },
    reports: null,
  },
  {
    rule: 'the table',
    title: 'a route imports boot',
    files: { 'src/app/a.tsx': "import { c } from '../boot/container.ts';" },
    reports: '(boot)',
  },
  {
    rule: 'the table',
    title: 'a route imports types of boot',
    files: { 'src/app/a.tsx': "import type { C } from '../boot/c.ts';" },
    reports: null,
  },
  {
    rule: 'the table',
    title: 'a cloud imports another',
    files: { 'src/providers/x/a.ts': "import { b } from '../y/b.ts';" },
    reports: '(providers/y)',
  },
  {
    rule: 'the table',
    title: 'a cloud imports kubernetes',
    files: { 'src/providers/x/a.ts': "import { b } from '../kubernetes/b.ts';" },
    reports: null,
  },
  {
    rule: 'the table',
    title: 'kubernetes imports a cloud',
    files: { 'src/providers/kubernetes/a.ts': "import { b } from '../x/b.ts';" },
    reports: 'x/b.ts',
  },
  {
    rule: 'the table',
    title: 'a service imports a provider',
    files: { 'src/services/a.ts': "await import('../providers/x/b.ts');" },
    reports: 'dynamic',
  },
  {
    rule: 'the table',
    title: 'the gateway imports a service',
    files: { 'src/gateway/a.ts': "import { b } from '../services/b.ts';" },
    reports: '(services)',
  },
  {
    rule: 'the table',
    title: 'the schema imports values of the domain',
    files: { 'prisma-free-db/schema/a.ts': "import { b } from '../../src/domain/b.ts';" },
    reports: '(domain) as value',
  },
  {
    rule: 'the table',
    title: 'the log imports the schema',
    files: { 'prisma-free-db/replication/a.ts': "import '../schema/b.ts';" },
    reports: '(database)',
  },
  {
    rule: 'the table',
    title: 'the server skips boot',
    files: { 'src/server.ts': "import { b } from './services/b.ts';" },
    reports: '(services)',
  },
  {
    rule: 'the table',
    title: 'boot names a provider',
    files: { 'src/boot/a.ts': "import { b } from '../providers/x/b.ts';" },
    reports: 'providers/x',
  },
  {
    rule: 'the table',
    title: 'a new top folder',
    files: { 'src/misc-things/a.ts': 'export {};' },
    reports: 'does not know',
  },
  {
    rule: 'the table',
    title: 'a test reaches far',
    files: { 'src/domain/a.test.ts': "import { b } from '../services/b.ts';" },
    reports: null,
  },
  {
    rule: 'lazily',
    title: 'the registry imports at start',
    files: { 'src/providers/registry.ts': "import { p } from './x/provider.ts';" },
    reports: 'at start',
  },
  {
    rule: 'lazily',
    title: 'the registry imports on demand',
    files: { 'src/providers/registry.ts': `await import(\`./\${name}/provider.ts\`);` },
    reports: null,
  },
  {
    rule: 'SDK',
    title: 'a service imports a cloud SDK',
    files: { 'src/services/a.ts': "import { S3 } from '@aws-sdk/client-s3';" },
    reports: '@aws-sdk',
  },
  {
    rule: 'SDK',
    title: 'a provider imports a cloud SDK',
    files: { 'src/providers/x/a.ts': "import { S3 } from '@aws-sdk/client-s3';" },
    reports: null,
  },
  {
    rule: 'SDK',
    title: 'the gateway imports Next',
    files: { 'src/gateway/a.ts': "import next from 'next';" },
    reports: 'next',
  },
  {
    rule: 'SDK',
    title: 'a service opens the database',
    files: { 'src/services/a.ts': "import { eq } from 'drizzle-orm';" },
    reports: 'drizzle-orm',
  },
  {
    rule: 'SDK',
    title: 'the domain imports a package',
    files: { 'src/domain/a.ts': "import { z } from 'zod';" },
    reports: 'nothing',
  },
  {
    rule: 'SDK',
    title: 'a page imports Node',
    files: { 'src/ui/a.tsx': "import { join } from 'node:path';" },
    reports: 'browsers',
  },
  {
    rule: 'SDK',
    title: 'the API imports React',
    files: { 'src/api/a.ts': "import { cache } from 'react';" },
    reports: 'react',
  },
  {
    rule: 'test code',
    title: 'a service uses a test bed',
    files: { 'src/services/a.ts': "import { bed } from './test-bed.ts';" },
    reports: './test-bed.ts',
  },
  {
    rule: 'test code',
    title: 'a test uses a test bed',
    files: { 'src/services/a.test.ts': "import { bed } from './test-bed.ts';" },
    reports: null,
  },
  {
    rule: 'vendor',
    title: 'a vendor in a string',
    files: { 'src/ui/a.tsx': "const label = 'Sign in with Google';" },
    reports: 'Google',
  },
  {
    rule: 'vendor',
    title: 'a vendor in an identifier',
    files: { 'src/boot/a.ts': 'const awsRegion = 1;' },
    reports: 'aws',
  },
  {
    rule: 'vendor',
    title: 'a vendor in a variable name',
    files: { 'src/boot/a.ts': "const name = 'GOOGLE_CLIENT_ID';" },
    reports: 'GOOGLE',
  },
  { rule: 'vendor', title: 'a vendor in a comment', files: { 'src/ports/a.ts': '// as GCP does' }, reports: 'GCP' },
  {
    rule: 'vendor',
    title: 'words that hold its letters',
    files: { 'src/ports/a.ts': '// laws, drawsOut, recognito' },
    reports: null,
  },
  {
    rule: 'vendor',
    title: 'a vendor in its provider',
    files: { 'src/providers/x/a.ts': '// as GCP does' },
    reports: null,
  },
  {
    rule: 'process.env',
    title: 'a service reads it',
    files: { 'src/services/a.ts': 'const home = process.env.HOME;' },
    reports: 'reads',
  },
  {
    rule: 'process.env',
    title: 'taken apart',
    files: { 'src/services/a.ts': 'const { env } = process;' },
    reports: 'reads',
  },
  {
    rule: 'process.env',
    title: 'imported',
    files: { 'src/services/a.ts': "import { env } from 'node:process';" },
    reports: 'reads',
  },
  {
    rule: 'process.env',
    title: 'only spoken of',
    files: { 'src/services/a.ts': '// process.env is read in boot' },
    reports: null,
  },
  { rule: 'process.env', title: 'in its place', files: { 'src/boot/config.ts': 'read(process.env);' }, reports: null },
  {
    rule: 'barrel',
    title: 'an index file',
    files: { 'src/ui/card/index.ts': 'export const a = 1;' },
    reports: 'index',
  },
  {
    rule: 'barrel',
    title: 'a file of re-exports',
    files: { 'src/ui/all.ts': "export { a } from './a.ts';\nexport { b } from './b.ts';" },
    reports: 'only',
  },
  {
    rule: 'barrel',
    title: 'a star',
    files: { 'src/ui/all.ts': "export * from './a.ts';\nexport const b = 1;" },
    reports: 'all of',
  },
  {
    rule: 'barrel',
    title: 'one re-export beside code',
    files: { 'src/ui/a.ts': "export { a } from './b.ts';\nexport const c = 1;" },
    reports: null,
  },
  {
    rule: 'cycle',
    title: 'three files in a ring',
    files: {
      'src/ui/a.ts': "import './b.ts';",
      'src/ui/b.ts': "import './c.ts';",
      'src/ui/c.ts': "import type { A } from './a.ts';",
    },
    reports: 'src/ui/a.ts → src/ui/b.ts → src/ui/c.ts → src/ui/a.ts',
  },
  {
    rule: 'cycle',
    title: 'a diamond',
    files: {
      'src/ui/a.ts': "import './b.ts';\nimport './c.ts';",
      'src/ui/b.ts': "import './d.ts';",
      'src/ui/c.ts': "import './d.ts';",
      'src/ui/d.ts': '',
    },
    reports: null,
  },
  { rule: 'lines', title: '501 lines', files: { 'src/ui/a.ts': lines(501) }, reports: '501' },
  { rule: 'lines', title: '500 lines', files: { 'src/ui/a.ts': lines(500) }, reports: null },
  {
    rule: 'lines',
    title: 'a long conformance suite',
    files: { 'src/ports/storage/conformance.ts': lines(900) },
    reports: null,
  },
  { rule: 'kebab', title: 'a vague name', files: { 'src/ui/utils.ts': '' }, reports: 'says nothing' },
  { rule: 'kebab', title: 'a vague folder', files: { 'src/helpers/date.ts': '' }, reports: 'says nothing' },
  { rule: 'kebab', title: 'a name in capitals', files: { 'src/ui/LaunchDialog.tsx': '' }, reports: 'kebab' },
  {
    rule: 'kebab',
    title: 'names that Next gives',
    files: { 'src/app/(console)/environments/[id]/page.tsx': '', 'src/app/not-found.tsx': '' },
    reports: null,
  },
];

describe('the rules', () => {
  it.each(SAMPLES)('$rule: $title', ({ rule: word, files, reports }) => {
    const rule = RULES.filter(({ name }) => name.includes(word));
    expect(rule).toHaveLength(1);
    const found = rule.flatMap(({ check }) => check(sourcesOf(files)));
    expect(found).toEqual(reports === null ? [] : [expect.stringContaining(reports)]);
  });

  it('are each seen red by a sample', () => {
    const red = SAMPLES.filter(({ reports }) => reports !== null).map(({ rule }) => rule);
    expect(RULES.filter(({ name }) => !red.some((word) => name.includes(word)))).toEqual([]);
  });
});
