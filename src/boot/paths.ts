/** Where the built product lies, from the bundle's own address. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Paths {
  /** Folder of package.json, .next and public. */
  root: string;
  migrations: string;
  /** Bundled programs that environments run. */
  programs: string;
}

/** @param entryUrl import.meta.url of a bundle in dist/ */
export function pathsOf(entryUrl: string): Paths {
  const dist = dirname(fileURLToPath(entryUrl));
  return { root: dirname(dist), migrations: join(dist, 'migrations'), programs: join(dist, 'programs') };
}
