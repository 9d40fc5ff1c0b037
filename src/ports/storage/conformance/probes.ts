/** What the tests of storages look with: bodies as text, whole lists, and the error that a call ends in. */
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { type ErrorCode, isAppError } from '../../../domain/errors.ts';
import { compareUtf8 } from '../../../domain/storage.ts';
import type { Bucket, ListOptions, ListPage, ObjectInfo, VersionSummary } from '../storage.ts';

export const MIB = 1024 * 1024;

export async function bytesOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export async function textAt(bucket: Bucket, key: string, versionId?: string): Promise<string> {
  return (await bytesOf((await bucket.get(key, { versionId })).body)).toString('utf8');
}

/** The AppError that a call ends in; anything else fails the test. */
export async function refusal(call: Promise<unknown>): Promise<{ code: ErrorCode; details: Record<string, unknown> }> {
  const outcome = await call.then(
    () => ({ error: null }),
    (error: unknown) => ({ error }),
  );
  if (!isAppError(outcome.error)) {
    throw new Error(`expected an AppError, got ${String(outcome.error)}`, { cause: outcome.error });
  }
  return { code: outcome.error.code, details: outcome.error.details ?? {} };
}

/** The errors of calls that run at the same time. */
export function refusals(calls: readonly Promise<unknown>[]): Promise<Awaited<ReturnType<typeof refusal>>[]> {
  return Promise.all(calls.map(refusal));
}

/** A cloud does not tell when it stored something, so the answer to a write may be a moment off in `modifiedAt`. */
export function expectSameInfo(a: ObjectInfo, b: ObjectInfo): void {
  expect({ ...a, modifiedAt: 0 }).toEqual({ ...b, modifiedAt: 0 });
  expect(Math.abs(a.modifiedAt - b.modifiedAt)).toBeLessThanOrEqual(2_000);
}

export async function listAll(
  bucket: Bucket,
  options: ListOptions = {},
): Promise<{ keys: string[]; prefixes: string[]; pages: number }> {
  const all = { keys: [] as string[], prefixes: [] as string[], pages: 0 };
  let startAfter = options.startAfter;
  for (;;) {
    const page: ListPage = await bucket.list({ ...options, startAfter });
    all.pages += 1;
    all.keys.push(...page.objects.map((object) => object.key));
    all.prefixes.push(...page.prefixes);
    if (page.next === null) return all;
    if (startAfter !== undefined && compareUtf8(page.next, startAfter) <= 0) throw new Error('paging does not advance');
    startAfter = page.next;
  }
}

export async function allVersions(
  bucket: Bucket,
  options: { key?: string; prefix?: string; pageSize?: number } = {},
): Promise<VersionSummary[]> {
  const all: VersionSummary[] = [];
  let page: string | undefined;
  for (let pages = 0; pages < 1000; pages += 1) {
    const { versions, next } = await bucket.listVersions({ ...options, page });
    if (versions.length > (options.pageSize ?? 1000)) throw new Error('a page is longer than asked for');
    all.push(...versions);
    if (next === null) return all;
    page = next;
  }
  throw new Error('paging does not end');
}

/** A body of `pieces` MiB that counts how far it was read. */
export function countedBody(pieces: number): { body: Readable; sent: () => number } {
  let sent = 0;
  const piece = Buffer.alloc(MIB, 'x');
  const source = function* (): Generator<Buffer> {
    for (; sent < pieces; sent += 1) yield piece;
  };
  return { body: Readable.from(source(), { objectMode: false, highWaterMark: 1 }), sent: () => sent };
}
