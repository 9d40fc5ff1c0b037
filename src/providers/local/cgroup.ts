/**
 * CPU and memory limits by cgroup v2, where this account has been given a part of the tree (a systemd user session, a container
 * with delegation). Elsewhere there are none, and the spawner says so. See cgroups(7) and the kernel's cgroup-v2 document.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Size } from '../../domain/environment.ts';

const NEEDED = ['cpu', 'memory'];
const PERIOD_US = 100_000;

/** Mount point and own place in the unified tree, from the texts of /proc/self/mountinfo and /proc/self/cgroup; null without cgroup v2. */
export function locate(mountinfo: string, cgroup: string): { root: string; own: string } | null {
  const root = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .find((fields) => fields[fields.indexOf('-') + 1] === 'cgroup2')?.[4];
  const path = cgroup
    .split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice(3);
  return root === undefined || path === undefined ? null : { root, own: join(root, path) };
}

function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/);
  } catch {
    return [];
  }
}

function isUsable(folder: string): boolean {
  const controllers = words(join(folder, 'cgroup.subtree_control'));
  if (!NEEDED.every((name) => controllers.includes(name))) return false;
  try {
    accessSync(folder, constants.W_OK);
    // Moving a process between two groups needs this file of their common ancestor.
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK);
    const trial = join(folder, `cmbcluster-trial-${process.pid}`);
    mkdirSync(trial);
    rmdirSync(trial);
    return true;
  } catch {
    return false;
  }
}

/** Nearest ancestor of this process in which limited groups can be made, or null. */
export function findDelegated(place = locateSelf()): string | null {
  if (!place) return null;
  for (let folder = place.own; folder.startsWith(place.root); folder = dirname(folder)) {
    if (isUsable(folder)) return folder;
    if (folder === place.root) return null;
  }
  return null;
}

function locateSelf(): { root: string; own: string } | null {
  try {
    return locate(readFileSync('/proc/self/mountinfo', 'utf8'), readFileSync('/proc/self/cgroup', 'utf8'));
  } catch {
    return null;
  }
}

export interface LimitedGroup {
  /** Runs `start` with this process inside the group, so that the child is born there, and steps out again. */
  inside<T>(start: () => T): T;
  /** Processes of the group that the kernel has ended for lack of memory. */
  oomKills(): number;
  /** Ends every process of the group, however it tried to hide. */
  kill(): void;
  /** Only when empty. */
  remove(): void;
}

/** Makes `<parent>/cmbcluster-<id>` with the limits of `size`. @throws the system's error when the kernel refuses */
export function openLimitedGroup(parent: string, id: string, size: Size): LimitedGroup {
  const folder = join(parent, `cmbcluster-${id}`);
  // Where this process goes back to: its own group may be the root of the delegation, which is full of others.
  const home = locateSelf()?.own ?? parent;
  mkdirSync(folder, { recursive: true });
  const set = (file: string, value: string) => writeFileSync(join(folder, file), value);
  set('memory.max', String(size.memoryMiB * 1024 * 1024));
  // Without this, a group at its limit fills the machine's swap space instead.
  if (existsSync(join(folder, 'memory.swap.max'))) set('memory.swap.max', '0');
  set('cpu.max', `${Math.max(1_000, Math.round((size.cpuMillicores * PERIOD_US) / 1000))} ${PERIOD_US}`);
  return {
    inside(start) {
      set('cgroup.procs', String(process.pid));
      try {
        return start();
      } finally {
        writeFileSync(join(home, 'cgroup.procs'), String(process.pid));
      }
    },
    oomKills() {
      const events = words(join(folder, 'memory.events'));
      return Number(events[events.indexOf('oom_kill') + 1] ?? 0) || 0;
    },
    kill() {
      try {
        set('cgroup.kill', '1');
      } catch {
        // Kernels before 5.14 have no such file: the members are ended one by one anyway.
      }
    },
    remove() {
      try {
        rmdirSync(folder);
      } catch {
        // Not empty yet, or gone: an empty group costs nothing and the next start uses it again.
      }
    },
  };
}
