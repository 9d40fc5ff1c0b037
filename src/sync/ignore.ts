/**
 * Paths that are not kept: the lines of `.cmbclusterignore` in the workspace's own folder. The rules are those of .gitignore
 * without exceptions (`!`): `*` and `?` within a name, `**` across folders, a slash at the front or inside ties a line to the
 * top, one at the end means folders only. Nothing is ignored unless it is written there.
 */
export const IGNORE_FILE = '.cmbclusterignore';

export type Ignores = (path: string, isFolder: boolean) => boolean;

export const ignoresNothing: Ignores = () => false;

export function parseIgnores(text: string): Ignores {
  const rules = text.split(/\r?\n/).flatMap((line) => {
    const pattern = line.trim();
    if (pattern === '' || pattern.startsWith('#')) return [];
    const foldersOnly = pattern.endsWith('/');
    const bare = pattern.replace(/\/+$/, '').replace(/^\//, '');
    if (bare === '') return [];
    const tied = pattern.replace(/\/+$/, '').includes('/');
    return [{ foldersOnly, test: expression(bare, tied) }];
  });
  if (rules.length === 0) return ignoresNothing;
  return (path, isFolder) => rules.some(({ foldersOnly, test }) => (isFolder || !foldersOnly) && test.test(path));
}

function expression(pattern: string, tied: boolean): RegExp {
  const body = pattern
    .split(/(\*\*\/|\/\*\*|\*|\?)/)
    .map((part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '/**') return '/.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`${tied ? '^' : '(?:^|/)'}${body}$`, 'u');
}

/** Whether the path or a folder above it is ignored. */
export function isIgnored(ignores: Ignores, path: string): boolean {
  if (ignores === ignoresNothing) return false;
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (ignores(path.slice(0, slash), true)) return true;
  }
  return ignores(path, false);
}

const CACHES = new Set(['__pycache__', '.cache', 'node_modules', '.ipynb_checkpoints', '.pytest_cache', '.mypy_cache']);

/** Folders that programs fill again by themselves. They are kept like all others, but counted apart. */
export function isCacheFolder(name: string): boolean {
  return CACHES.has(name);
}
