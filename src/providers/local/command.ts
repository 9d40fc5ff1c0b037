/** Commands of local environments: placeholders, and whether a program is on this machine. No shell is ever involved. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Replaces `{name}` by values[name]; braces with any other word in them stay as they are, so JSON arguments survive. */
export function fillPlaceholders(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The file that execvp(3) would run, or null. Relative names with a slash are taken from `cwd`. */
export function findProgram(name: string, path: string, cwd = '/'): string | null {
  if (name.includes('/')) {
    const file = isAbsolute(name) ? name : join(cwd, name);
    return isExecutableFile(file) ? file : null;
  }
  for (const folder of path.split(delimiter)) {
    const file = join(folder || cwd, name);
    if (name !== '' && isExecutableFile(file)) return file;
  }
  return null;
}
