/**
 * The captured output of one start, in `<folder>/log/<generation>-<offset>.log`. Two segments at most are kept, so a gigabyte
 * of output costs 8 MiB of disk; a segment's name says at which byte of the whole log it begins, so offsets never move.
 * The supervisor writes, the spawner reads the files itself: logs outlive every process.
 */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogChunk } from '../../ports/spawner/spawner.ts';

export const SEGMENT_BYTES = 4 * 1024 * 1024;
/** A full disk is tried again this often; until then output is dropped, never waited for. */
const RETRY_MS = 1_000;

interface Segment {
  generation: number;
  offset: number;
  path: string;
}

function parseSegment(folder: string, name: string): Segment | null {
  const match = /^(\d+)-(\d+)\.log$/.exec(name);
  return match ? { generation: Number(match[1]), offset: Number(match[2]), path: join(folder, name) } : null;
}

function parseSegments(folder: string, names: string[]): Segment[] {
  const segments = names.flatMap((name) => parseSegment(folder, name) ?? []);
  return segments.sort((a, b) => a.generation - b.generation || a.offset - b.offset);
}

export interface LogWriter {
  /** End of the log in bytes, dropped ones included. */
  readonly end: number;
  /** Never throws and never waits: what a full disk refuses is dropped. */
  write(chunk: Uint8Array): void;
  close(): void;
}

/** Logs of the generation before this one stay readable; older ones are removed. */
export function openLogWriter(environmentFolder: string, generation: number, segmentBytes = SEGMENT_BYTES): LogWriter {
  const folder = join(environmentFolder, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const old = parseSegments(folder, readdirSync(folder));
  const previous = old.findLast((segment) => segment.generation < generation)?.generation;
  for (const segment of old) if (segment.generation !== previous) rmSync(segment.path, { force: true });

  const kept: string[] = [];
  let end = 0;
  let fd: number | null = null;
  let size = 0;
  let retryAt = 0;

  function rotate(): void {
    closeSegment();
    const path = join(folder, `${generation}-${end}.log`);
    fd = openSync(path, 'w', 0o600);
    size = 0;
    kept.push(path);
    while (kept.length > 2) rmSync(kept.shift() ?? '', { force: true });
  }

  function closeSegment(): void {
    if (fd !== null) closeSync(fd);
    fd = null;
  }

  function append(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (fd === null || size >= segmentBytes) rotate();
      if (fd === null) return;
      const written = writeSync(fd, rest, 0, Math.min(rest.length, segmentBytes - size));
      size += written;
      end += written;
      rest = rest.subarray(written);
    }
  }

  return {
    get end() {
      return end;
    },
    write(chunk) {
      const after = end + chunk.length;
      if (fd !== null || performance.now() >= retryAt) {
        try {
          append(chunk);
        } catch {
          closeSegment();
          retryAt = performance.now() + RETRY_MS;
        }
      }
      // Dropped bytes count, so that the next segment's name shows the gap.
      end = after;
    },
    close: closeSegment,
  };
}

const MAX_READ_BYTES = 1024 * 1024;
/** The longest UTF-8 character. */
const MIN_READ_BYTES = 4;

export interface ReadLogOptions {
  /** Negative = that many bytes before the end. */
  from: number;
  maxBytes: number;
  generation?: number;
  /** Whether more output may come: then half a character at the very end waits for its other half. */
  live: boolean;
}

/** Reads from the files alone. An empty chunk when nothing was ever written. */
export async function readLog(environmentFolder: string, options: ReadLogOptions): Promise<LogChunk> {
  // A rotation between listing and opening removes a file: list again.
  for (let attempt = 0; ; attempt++) {
    try {
      return await readOnce(join(environmentFolder, 'log'), options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 10) throw error;
    }
  }
}

async function readOnce(folder: string, options: ReadLogOptions): Promise<LogChunk> {
  const all = parseSegments(folder, await listFolder(folder));
  const generation = options.generation ?? all.at(-1)?.generation ?? 0;
  const segments = await Promise.all(
    all
      .filter((segment) => segment.generation === generation)
      .map(async (segment) => ({ ...segment, size: (await stat(segment.path)).size })),
  );
  const start = segments[0]?.offset ?? 0;
  const last = segments.at(-1);
  const end = last ? last.offset + last.size : 0;
  const wanted = options.from < 0 ? end + options.from : options.from;
  const maxBytes = Math.min(Math.max(options.maxBytes, MIN_READ_BYTES), MAX_READ_BYTES);

  let from = Math.min(Math.max(wanted, start), end);
  const parts: Buffer[] = [];
  let length = 0;
  for (const segment of segments) {
    if (segment.offset + segment.size <= from + length) continue;
    if (segment.offset > from + length) {
      if (length > 0) break; // a gap where the disk was full
      from = segment.offset;
    }
    const part = await readPart(
      segment.path,
      from + length - segment.offset,
      Math.min(maxBytes - length, segment.size),
    );
    parts.push(part);
    length += part.length;
    if (length >= maxBytes) break;
  }

  let bytes = Buffer.concat(parts);
  if (from !== options.from) {
    const skipped = continuationBytes(bytes);
    bytes = bytes.subarray(skipped);
    from += skipped;
  }
  const unfinished = unfinishedBytes(bytes);
  // At a live end the rest of the character is still to come; before a gap it never will.
  const wait = from + bytes.length >= end ? options.live : unfinished < bytes.length;
  if (wait) bytes = bytes.subarray(0, bytes.length - unfinished);
  return {
    from,
    to: from + bytes.length,
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    end,
    start,
    generation,
  };
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function readPart(path: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Bytes at the front that belong to a character whose start is not there. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && count < bytes.length && ((bytes[count] ?? 0) & 0xc0) === 0x80) count += 1;
  return count;
}

/** Bytes at the back that begin a character whose end is not there. */
export function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? back : 0;
  }
  return 0;
}
