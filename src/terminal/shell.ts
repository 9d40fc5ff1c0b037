/** Which shell a tab runs, where, and with what environment. Pure but for the checks whether a file can be executed. */
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ShellCommand {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

/** Belongs to this program, not to what people run in it. */
const OWN_VARIABLES = new Set([
  'CMBCLUSTER_SECRET',
  'CMBCLUSTER_SOCKET',
  'PORT',
  'HOST',
  'NODE_OPTIONS',
  'NODE_ENV',
  'OLDPWD',
]);
/** Would make programs believe in a terminal that is not this one. */
const FOREIGN_TERMINAL = new Set([
  'TMUX',
  'TMUX_PANE',
  'STY',
  'WINDOW',
  'WINDOWID',
  'TERMCAP',
  'COLUMNS',
  'LINES',
  'TERM_PROGRAM_VERSION',
]);

/**
 * @param env the program's own environment
 * @param options.accountShell the account's shell, tried after $SHELL
 * @param options.bashrc what bash reads at its start; null = its own files
 */
export function shellCommand(
  env: Environment,
  options: { accountShell: string | null; cwd: string; bashrc?: string | null },
): ShellCommand {
  const file = pickShell(env, options.accountShell);
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || OWN_VARIABLES.has(name) || FOREIGN_TERMINAL.has(name) || name.startsWith('npm_'))
      continue;
    clean[name] = value;
  }
  // Without any locale programs fall back to ASCII and break every name that is not.
  if (!clean.LC_ALL && !clean.LC_CTYPE && !clean.LANG) clean.LANG = 'C.UTF-8';
  clean.TERM = 'xterm-256color';
  clean.COLORTERM = 'truecolor';
  clean.TERM_PROGRAM = 'cmbcluster';
  clean.SHELL = file;
  // Interactive, not a login shell: /etc/profile sets PATH anew and would hide what an image or a launch put there.
  const args = ['bash', 'zsh', 'sh', 'dash', 'ksh', 'fish'].includes(basename(file)) ? ['-i'] : [];
  if (basename(file) === 'bash' && options.bashrc) args.unshift('--rcfile', options.bashrc);
  const cwd = isFolder(options.cwd) ? options.cwd : '/';
  // As it was named: reached through a link, it keeps that name in the prompt.
  clean.PWD = cwd;
  return { file, args, cwd, env: clean };
}

function pickShell(env: Environment, accountShell: string | null): string {
  for (const candidate of [env.SHELL, accountShell]) {
    if (candidate && !/\/(nologin|false)$/.test(candidate) && isExecutable(candidate)) return candidate;
  }
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/local/bin', '/usr/bin', '/bin'];
  for (const name of ['bash', 'sh']) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found) return found;
  }
  return '/bin/sh';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
