/** Who holds a lock or a staged file: a process told apart from every later one with the same number. */
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { unless } from './errors.ts';

/** `<boot>.<pid namespace>.<pid>.<start time>`, of `[0-9a-z-]` and dots: fit for file names. */
export type Owner = string;

export type Liveness = 'alive' | 'dead' | 'unknown';

/** Fields of proc_pid_stat(5); the command in parentheses may hold anything, so counting starts behind it. */
function parseStat(text: string): { state: string; startTime: string } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

function machine(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  return `${boot}.${namespace}`;
}

let own: Owner | null = null;

export function thisProcess(): Owner {
  own ??= `${machine()}.${process.pid}.${parseStat(readFileSync('/proc/self/stat', 'utf8')).startTime}`;
  return own;
}

/** `unknown`: it lives in another container (pid namespace) of this machine, where we cannot look. */
export async function liveness(owner: Owner): Promise<Liveness> {
  const self = thisProcess();
  if (owner === self) return 'alive';
  const [boot, namespace, pid, startTime] = owner.split('.');
  const [ownBoot, ownNamespace] = self.split('.');
  if (!pid || !startTime || boot !== ownBoot) return 'dead';
  if (namespace !== ownNamespace) return 'unknown';
  const text = await unless(['ENOENT', 'ESRCH'], readFile(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) return 'dead';
  const seen = parseStat(text);
  return seen.startTime !== startTime || seen.state === 'Z' || seen.state === 'X' ? 'dead' : 'alive';
}
