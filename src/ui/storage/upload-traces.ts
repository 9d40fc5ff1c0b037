/**
 * What a reloaded page and other tabs must know of uploads: which file each one is, and which are running somewhere in this
 * browser. Two files of one name and length are common here (maps of two runs); going on with the wrong one would mix them.
 * And which parts were taken for certain: some stores list one whose sending broke off as if all of it were there.
 */
import type { UploadId } from '../../domain/ids.ts';

export interface UploadTraces {
  /** Called when an upload began with this file. */
  remember(id: UploadId, file: File): void;
  forget(id: UploadId): void;
  /** When the file of that upload was last changed; null when this browser does not know. */
  changedAt(id: UploadId): number | null;
  /** The server has answered that it took this part. */
  noteTaken(id: UploadId, part: number): void;
  /** The parts noted so far; null when this browser does not know. */
  taken(id: UploadId): ReadonlySet<number> | null;
  /** Marks it as running until the returned function is called or the page is gone. */
  hold(id: UploadId): () => void;
  /** Those that run in any tab of this browser. */
  held(): Promise<ReadonlySet<string>>;
}

const KEY = 'cmbcluster.uploads';
const LOCK = 'cmbcluster.upload.';
/** The server gives abandoned ones up after seven days. */
const KEPT_MS = 8 * 24 * 3_600_000;

type Remembered = Record<string, { changedAt: number; at: number; taken: number[] }>;

function read(): Remembered {
  try {
    const all: Remembered = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return Object.fromEntries(Object.entries(all).filter(([, { at }]) => at > Date.now() - KEPT_MS));
  } catch {
    return {};
  }
}

function write(all: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // Without room or permission the upload works all the same; only going on after a reload asks more.
  }
}

export const browserTraces: UploadTraces = {
  remember: (id, file) => write({ ...read(), [id]: { changedAt: file.lastModified, at: Date.now(), taken: [] } }),
  forget: (id) => {
    const { [id]: _, ...rest } = read();
    write(rest);
  },
  changedAt: (id) => read()[id]?.changedAt ?? null,
  noteTaken: (id, part) => {
    const all = read();
    const one = all[id];
    if (one) write({ ...all, [id]: { ...one, taken: [...one.taken, part] } });
  },
  taken: (id) => {
    const one = read()[id];
    return one ? new Set(one.taken) : null;
  },
  hold: (id) => {
    const done = Promise.withResolvers<void>();
    // Only secure pages have locks.
    void navigator.locks?.request(LOCK + id, () => done.promise);
    return done.resolve;
  },
  held: async () => {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return new Set(held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : [])));
  },
};
