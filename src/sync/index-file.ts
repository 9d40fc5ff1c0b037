/**
 * What the program knows of each path: how the file looked when its content was last the same here and in the bucket, and the
 * object's version then. A log of JSON lines, written before anybody is told; it may lag behind the truth (then contents are
 * compared) but never run ahead of it. It belongs to one folder and one bucket: with any other it starts empty.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { FileStat } from './attributes.ts';

export interface Entry extends FileStat {
  /** CRC-32C of the object's content. */
  crc32c: string;
  version: string;
  /** Fingerprint of a database's journal files that went into this content; null for everything else. */
  group: string | null;
}

/** An entry with marks of the scan and the listing that saw it last; they are not stored. */
interface Marked extends Entry {
  scanned: number;
  listed: number;
}

type Line =
  | { identity: string }
  | { path: string; entry: Entry | null }
  /** About to be written there; the next line of this path tells that it was. */
  | { path: string; intent: string }
  /** Was not written there. */
  | { path: string; refused: string }
  /** null = gone; marked = the bucket holds it even while it is empty. */
  | { folder: string; marked: boolean | null };

/** Rewritten once it holds this many lines more than it needs. */
const SLACK_LINES = 5_000;
/** Contents of one path in a row whose fate is unknown. */
const MAX_INTENTS = 8;

export class Index {
  readonly #file: string;
  readonly #identity: string;
  readonly #entries = new Map<string, Marked>();
  /** Checksums of contents that may have become objects without our hearing of it, latest last. */
  readonly #intents = new Map<string, string[]>();
  readonly #folders = new Map<string, { marked: boolean; scanned: number }>();
  #fd = -1;
  #lines = 0;

  /** @param identity names the folder and the bucket; an index of another one is not believed. Creates what is missing. */
  constructor(file: string, identity: string) {
    this.#file = file;
    this.#identity = identity;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#load();
    this.#rewrite();
  }

  get size(): number {
    return this.#entries.size;
  }

  get(path: string): Marked | undefined {
    return this.#entries.get(path);
  }

  paths(): IterableIterator<[string, Marked]> {
    return this.#entries.entries();
  }

  /** Said before a write: a program that is killed must know its own objects again. @returns says that it was refused */
  intend(path: string, crc32c: string): () => void {
    const isNew = !this.isIntended(path, crc32c);
    this.#addIntent(path, crc32c);
    this.#append({ path, intent: crc32c });
    return () => {
      // An earlier write of the same content may have arrived.
      if (!isNew || !this.isIntended(path, crc32c)) return;
      this.#dropIntent(path, crc32c);
      this.#append({ path, refused: crc32c });
    };
  }

  /** Whether an object with this content can be our own write whose answer never came. */
  isIntended(path: string, crc32c: string | null): boolean {
    return crc32c !== null && (this.#intents.get(path)?.includes(crc32c) ?? false);
  }

  hasIntents(path: string): boolean {
    return this.#intents.has(path);
  }

  #addIntent(path: string, crc32c: string): void {
    const others = (this.#intents.get(path) ?? []).filter((other) => other !== crc32c);
    this.#intents.set(path, [...others, crc32c].slice(-MAX_INTENTS));
  }

  #dropIntent(path: string, crc32c: string): void {
    const others = (this.#intents.get(path) ?? []).filter((other) => other !== crc32c);
    if (others.length > 0) this.#intents.set(path, others);
    else this.#intents.delete(path);
  }

  set(path: string, entry: Entry): void {
    this.#intents.delete(path);
    const old = this.#entries.get(path);
    const { kind, ino, sizeBytes, mtimeMs, ctimeMs, mode, crc32c, version, group } = entry;
    const stored = { kind, ino, sizeBytes, mtimeMs, ctimeMs, mode, crc32c, version, group };
    this.#entries.set(path, { ...stored, scanned: old?.scanned ?? 0, listed: old?.listed ?? 0 });
    this.#append({ path, entry: stored });
  }

  delete(path: string): void {
    const known = this.#entries.delete(path);
    if (this.#intents.delete(path) || known) this.#append({ path, entry: null });
  }

  folders(): IterableIterator<[string, { marked: boolean; scanned: number }]> {
    return this.#folders.entries();
  }

  hasFolder(folder: string): boolean {
    return this.#folders.has(folder);
  }

  isMarked(folder: string): boolean {
    return this.#folders.get(folder)?.marked ?? false;
  }

  /** Remembers that a scan saw this folder. */
  sawFolder(folder: string, scan: number): void {
    const known = this.#folders.get(folder);
    if (known) known.scanned = scan;
    else {
      this.#folders.set(folder, { marked: false, scanned: scan });
      this.#append({ folder, marked: false });
    }
  }

  markFolder(folder: string, marked: boolean): void {
    const known = this.#folders.get(folder);
    if (known?.marked === marked) return;
    this.#folders.set(folder, { marked, scanned: known?.scanned ?? 0 });
    this.#append({ folder, marked });
  }

  deleteFolder(folder: string): void {
    if (this.#folders.delete(folder)) this.#append({ folder, marked: null });
  }

  close(): void {
    if (this.#fd < 0) return;
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #load(): void {
    if (!existsSync(this.#file)) return;
    const [first = '', ...lines] = readFileSync(this.#file, 'utf8').split('\n');
    const head = parse(first);
    if (!head || !('identity' in head) || head.identity !== this.#identity) return;
    for (const text of lines) {
      const line = parse(text);
      // Only the last line can be torn: each one is written in one piece.
      if (!line) break;
      this.#apply(line);
    }
  }

  #apply(line: Line): void {
    if ('intent' in line) this.#addIntent(line.path, line.intent);
    else if ('refused' in line) this.#dropIntent(line.path, line.refused);
    else if ('path' in line) {
      this.#intents.delete(line.path);
      if (line.entry) this.#entries.set(line.path, { ...line.entry, scanned: 0, listed: 0 });
      else this.#entries.delete(line.path);
    } else if ('folder' in line) {
      if (line.marked === null) this.#folders.delete(line.folder);
      else this.#folders.set(line.folder, { marked: line.marked, scanned: 0 });
    }
  }

  #append(line: Line): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
    this.#lines += 1;
    if (this.#lines > 2 * (this.#entries.size + this.#folders.size) + SLACK_LINES) this.#rewrite();
  }

  /** The old file stays until the new one is on the disk. */
  #rewrite(): void {
    const next = `${this.#file}.next`;
    const fd = openSync(next, 'w', 0o600);
    let text = `${JSON.stringify({ identity: this.#identity } satisfies Line)}\n`;
    let lines = 1;
    const add = (line: Line): void => {
      text += `${JSON.stringify(line)}\n`;
      lines += 1;
      if (text.length < 1 << 20) return;
      writeSync(fd, text);
      text = '';
    };
    for (const [path, { scanned: _, listed: __, ...entry }] of this.#entries) add({ path, entry });
    for (const [path, sums] of this.#intents) for (const intent of sums) add({ path, intent });
    for (const [folder, { marked }] of this.#folders) add({ folder, marked });
    writeSync(fd, text);
    fsyncSync(fd);
    renameSync(next, this.#file);
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = fd;
    this.#lines = lines;
  }
}

function parse(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}
