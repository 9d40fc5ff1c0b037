/**
 * What the kernel says about processes, read from /proc: who is alive, who belongs to an environment, how to end them all.
 * Used by the spawner and by the supervisor program. A pid alone proves nothing, because numbers are reused: everything here
 * goes by pid + start time, or by the marker variable that each process of an environment inherits.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Inherited by every process of an environment, also by those that leave its process group and session. */
export const MARKER = 'CMBCLUSTER_ENVIRONMENT_ID';

/** One process for certain: `startTime` is field 22 of /proc/<pid>/stat, clock ticks since boot, as text. */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

interface ProcessStat extends ProcessIdentity {
  state: string;
  ppid: number;
  pgrp: number;
  session: number;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

/** Changes with each start of the machine: start times of another boot mean nothing. */
export function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown';
}

/** The command name may hold spaces and brackets, so fields are counted from the last bracket (proc(5)). */
export function parseStat(pid: number, text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, ppid, pgrp, session] = fields;
  const startTime = fields[19];
  if (
    state === undefined ||
    ppid === undefined ||
    pgrp === undefined ||
    session === undefined ||
    startTime === undefined
  ) {
    return null;
  }
  return { pid, state, ppid: Number(ppid), pgrp: Number(pgrp), session: Number(session), startTime };
}

function readStat(pid: number): ProcessStat | null {
  const text = readText(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(pid, text);
}

/** A zombie has ended: it only waits for its parent. */
function isLive(stat: ProcessStat): boolean {
  return stat.state !== 'Z' && stat.state !== 'X';
}

/** null when there is no such process (any more). */
export function identify(pid: number): ProcessIdentity | null {
  const stat = readStat(pid);
  return stat && isLive(stat) ? { pid, startTime: stat.startTime } : null;
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startTime === process.startTime;
}

function carriesMarker(pid: number, environmentId: string): boolean {
  const text = readText(`/proc/${pid}/environ`);
  return text !== null && `\0${text}`.includes(`\0${MARKER}=${environmentId}\0`);
}

/** What is known of an environment's processes besides their marker. */
export interface Group {
  /** The application's own process, leader of its group and session. */
  leader: ProcessIdentity | null;
  /** Only who has just seen the leader end may say so: later its number could be that of a stranger's group. */
  leaderJustEnded?: boolean;
}

/**
 * Every live process of an environment: those that carry its marker and, while the leader can be told for certain, its group,
 * its session and its descendants, even if they threw their environment away.
 */
export function findMembers(environmentId: string, { leader, leaderJustEnded }: Group): ProcessIdentity[] {
  const stats: ProcessStat[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) && pid !== process.pid ? readStat(pid) : null;
    if (stat && isLive(stat)) stats.push(stat);
  }
  const root = leader && (leaderJustEnded || isAlive(leader)) ? leader.pid : null;
  const found = new Set<number>();
  for (const stat of stats) {
    const related = root !== null && (stat.pgrp === root || stat.session === root);
    if (related || carriesMarker(stat.pid, environmentId)) found.add(stat.pid);
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const stat of stats) {
      if (found.has(stat.ppid) && !found.has(stat.pid)) {
        found.add(stat.pid);
        grew = true;
      }
    }
  }
  return stats.filter((stat) => found.has(stat.pid)).map(({ pid, startTime }) => ({ pid, startTime }));
}

/** Sends a signal unless the process is gone or the number belongs to another one by now. */
export function signalProcess(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch {
    // Ended in between, or it runs as somebody else (setuid): nothing that this account can do.
  }
}

const CHECK_FIRST_MS = 10;
const CHECK_EVERY_MS = 200;
/** How long SIGKILL may take to bite: a process in uninterruptible sleep (dead network disk) ends when its call returns. */
const KILL_PATIENCE_MS = 3_000;

/**
 * Ends all members: SIGTERM, then SIGKILL after `graceMs` or once `hurry` aborts, repeated until none is left.
 * The leader's group is killed as one while it lives, so that a fork in between is hit too.
 * @returns whether nothing is left
 */
export async function endMembers(
  environmentId: string,
  group: Group,
  { graceMs, hurry }: { graceMs: number; hurry?: AbortSignal },
): Promise<boolean> {
  const deadline = performance.now() + graceMs;
  // What was a member once stays one, also when its leader has gone and its marker cannot be read.
  const known = new Map<number, ProcessIdentity>();
  const asked = new Set<number>();
  let killedSince: number | null = null;
  let pause = CHECK_FIRST_MS;
  for (;;) {
    for (const [pid, member] of known) if (!isAlive(member)) known.delete(pid);
    for (const member of findMembers(environmentId, group)) known.set(member.pid, member);
    if (known.size === 0) return true;
    const now = performance.now();
    if (killedSince === null && (now >= deadline || hurry?.aborted)) {
      killedSince = now;
      pause = CHECK_FIRST_MS;
    }
    if (killedSince === null) {
      for (const member of known.values()) {
        if (!asked.has(member.pid)) signalProcess(member, 'SIGTERM');
        asked.add(member.pid);
      }
      await sleep(Math.min(pause, deadline - now), hurry);
    } else {
      if (group.leader && isAlive(group.leader)) killGroup(group.leader.pid);
      for (const member of known.values()) signalProcess(member, 'SIGKILL');
      if (now - killedSince > KILL_PATIENCE_MS) return false;
      await delay(pause);
    }
    pause = Math.min(pause * 1.3, CHECK_EVERY_MS);
  }
}

/** Shorter when the signal aborts meanwhile. */
async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function killGroup(pgid: number): void {
  try {
    process.kill(-pgid, 'SIGKILL');
  } catch {
    // The group has gone.
  }
}
