/**
 * Reads Linux's /proc: who holds a terminal's foreground, where it stands, who belongs to a session. Elsewhere every answer is
 * "unknown" and the callers fall back. Reads are synchronous: /proc is memory, not a disk.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

interface ProcessStat {
  processGroup: number;
  session: number;
  /** Foreground process group of its terminal; -1 without one. */
  foregroundGroup: number;
}

/** Fields of /proc/<pid>/stat (proc_pid_stat(5)); null when there is no such process. */
function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { processGroup: Number(fields[2]), session: Number(fields[3]), foregroundGroup: Number(fields[5]) };
}

/** The process group in the foreground of the shell's terminal when it is not the shell's own; null = the shell waits for input. */
export function foregroundGroup(shellPid: number): number | null {
  const stat = readStat(shellPid);
  if (!stat || stat.foregroundGroup <= 0) return null;
  return stat.foregroundGroup === stat.processGroup ? null : stat.foregroundGroup;
}

export function commandOf(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() || null;
  } catch {
    return null;
  }
}

export function workingDirectoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

/** Every process of the session that the shell leads, background jobs included. */
export function sessionMembers(shellPid: number): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readStat(pid)?.session === shellPid);
}

/** Sends a signal to a process, or to a group by its negative id; one that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone, or never ours: nothing to do either way.
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
