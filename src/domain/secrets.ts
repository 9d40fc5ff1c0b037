/**
 * Variables and files that a person keeps for all of their environments: what they may be called, how large they may be, and how
 * a `.env` file is read. One rule for what is kept here and for what is given at a launch. Pure; the screens use it too.
 */
import { utf8Bytes } from './storage.ts';

export const MAX_VARIABLES = 100;
/** Of one value. Linux takes no single one above 128 KiB. */
export const MAX_VALUE_BYTES = 32 * 1024;
/** Names and values together: every program gets them along with its arguments, for which Linux has 2 MiB. */
export const MAX_VARIABLES_BYTES = 256 * 1024;

export const MAX_FILES = 50;
export const MAX_FILE_BYTES = 512 * 1024;
/** All contents together: what one Kubernetes Secret holds. */
export const MAX_FILES_BYTES = 1024 * 1024;

const MAX_PATH_BYTES = 1024;
const MAX_PART_BYTES = 255;

/** A POSIX variable name, at most 128 characters. */
export function isEnvVarName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name);
}

/** Those that the platform sets itself, and those by which our own programs of an environment would load something else. */
const RESERVED = new Set(['HOME', 'PATH', 'USER', 'LOGNAME', 'SHELL', 'PORT', 'NODE_OPTIONS', 'NODE_PATH']);

/** Names that a person cannot give a value to. */
export function isReservedEnvVar(name: string): boolean {
  return name.startsWith('CMBCLUSTER_') || name.startsWith('LD_') || RESERVED.has(name);
}

export type VariableFault = 'invalid' | 'reserved' | 'nul' | 'large';

export function variableFault(name: string, value: string): VariableFault | null {
  if (!isEnvVarName(name)) return 'invalid';
  if (isReservedEnvVar(name)) return 'reserved';
  if (value.includes('\0')) return 'nul';
  if (utf8Bytes(value) > MAX_VALUE_BYTES) return 'large';
  return null;
}

export type EnvLineFault = VariableFault | 'assignment' | 'unclosed' | 'trailing' | 'twice';

export interface EnvFile {
  variables: { name: string; value: string }[];
  /** `line` counts from 1. */
  faults: { line: number; fault: EnvLineFault; name: string }[];
}

/**
 * Reads a `.env` file: `NAME=value` a line, `export` before it if one likes, `#` comments. Values in '…' stand as they are, those
 * in "…" know \n \r \t \" \\ \$ and both may span lines; a bare value ends before ` #`. Nothing is put in for `$NAME`.
 */
export function parseEnvFile(text: string): EnvFile {
  const variables = new Map<string, string>();
  const faults: EnvFile['faults'] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  for (let at = 0; at < lines.length; at += 1) {
    const line = at + 1;
    const source = (lines[at] ?? '').trim();
    if (source === '' || source.startsWith('#')) continue;
    const [, name, rest] = /^(?:export\s+)?([^\s=#'"]+)\s*=\s*(.*)$/s.exec(source) ?? [];
    if (name === undefined || rest === undefined) {
      faults.push({ line, fault: 'assignment', name: '' });
      continue;
    }
    const read = readValue(rest, lines.slice(at + 1));
    if (read === 'unclosed' || read === 'trailing') {
      faults.push({ line, fault: read, name });
      continue;
    }
    at += read.linesMore;
    const fault = variables.has(name) ? 'twice' : variableFault(name, read.value);
    if (fault) faults.push({ line, fault, name });
    else variables.set(name, read.value);
  }
  return { variables: [...variables].map(([name, value]) => ({ name, value })), faults };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function readValue(
  rest: string,
  following: readonly string[],
): { value: string; linesMore: number } | 'unclosed' | 'trailing' {
  const quote = rest[0];
  if (quote !== '"' && quote !== "'") return { value: rest.replace(/(^|\s+)#.*$/, '').trim(), linesMore: 0 };
  const closed = quote === '"' ? /^"((?:[^"\\]|\\.)*)"(.*)$/s : /^'([^']*)'(.*)$/s;
  let source = rest;
  for (let linesMore = 0; ; linesMore += 1) {
    const [, inner, tail] = closed.exec(source) ?? [];
    if (inner !== undefined && tail !== undefined) {
      if (!/^\s*(#.*)?$/.test(tail)) return 'trailing';
      const value = quote === '"' ? inner.replace(/\\([nrt"\\$])/g, (_, c: string) => ESCAPES[c] ?? c) : inner;
      return { value, linesMore };
    }
    const next = following[linesMore];
    if (next === undefined) return 'unclosed';
    source += `\n${next}`;
  }
}

/** Folders of the home that belong to the platform. */
const RESERVED_FOLDERS = new Set(['.cmbcluster']);

export type PathFault = 'empty' | 'outside' | 'dots' | 'slashes' | 'control' | 'long' | 'reserved';

/** What was typed, `~/.ssh/config` or `.ssh/config`, as the path below the home folder, or what is wrong with it. */
export function homePath(typed: string): { path: string } | { fault: PathFault } {
  const path = typed.startsWith('~/') ? typed.slice(2) : typed;
  if (path === '' || path === '~') return { fault: 'empty' };
  if (path.startsWith('/') || path.startsWith('~')) return { fault: 'outside' };
  const fault = homePathFault(path);
  return fault ? { fault } : { path };
}

/** For a path that is kept already, without `~/`. */
export function homePathFault(path: string): PathFault | null {
  if (path === '') return 'empty';
  if (/[\p{Cc}\p{Cs}]/u.test(path)) return 'control';
  const parts = path.split('/');
  if (parts.includes('')) return 'slashes';
  if (parts.includes('.') || parts.includes('..')) return 'dots';
  if (utf8Bytes(path) > MAX_PATH_BYTES || parts.some((part) => utf8Bytes(part) > MAX_PART_BYTES)) return 'long';
  return RESERVED_FOLDERS.has(parts[0] ?? '') ? 'reserved' : null;
}

/** The other file that this one cannot stand beside, because one of them would be a folder of the other. */
export function pathConflict(path: string, others: readonly string[]): string | null {
  return others.find((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) ?? null;
}
