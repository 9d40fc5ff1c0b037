/** Any sequence of changes on both sides, with restarts at any point: both sides end alike, and no content disappears. */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/errors.ts';
import { openMemoryStorage } from '../ports/storage/memory.ts';
import type { Bucket } from '../ports/storage/storage.ts';
import { makeBucket, makeFolders, readBucket, readTree, startSync, syncOnce, type TestFolders } from './test-tree.ts';

const path = fc.constantFrom('a', 'b', 'd/x', 'd/y', 'd/e/z', 'e', 'ü ☃.txt', 'a/inner', 'd');
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), path, to: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('folder' as const), path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), graceful: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), turns: fc.integer({ min: 1, max: 30 }) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** What a person or program does here; what the file system refuses did not happen. @returns a content that must survive */
function actHere({ root }: TestFolders, step: Operation, content: string): { written?: string; killed: string[] } {
  const full = (name: string) => join(root, name);
  const contents = (name: string): string[] =>
    existsSync(full(name))
      ? Object.entries(readTree(root)).flatMap(([at, text]) => (at === name || at.startsWith(`${name}/`) ? [text] : []))
      : [];
  try {
    switch (step.kind) {
      case 'write': {
        const killed = contents(step.path);
        mkdirSync(dirname(full(step.path)), { recursive: true });
        writeFileSync(full(step.path), content);
        return { written: content, killed };
      }
      case 'link':
        mkdirSync(dirname(full(step.path)), { recursive: true });
        symlinkSync('target', full(step.path));
        break;
      case 'folder':
        mkdirSync(full(step.path), { recursive: true });
        break;
      case 'remove': {
        const killed = contents(step.path);
        rmSync(full(step.path), { recursive: true, force: true });
        return { killed };
      }
      case 'rename': {
        const killed = contents(step.to);
        renameSync(full(step.path), full(step.to));
        return { killed };
      }
    }
  } catch {
    // Not possible in this tree.
  }
  return { killed: [] };
}

async function actThere(
  bucket: Bucket,
  step: Operation,
  content: string,
): Promise<{ written?: string; killed: string[] }> {
  try {
    if (step.kind === 'put') {
      const killed = await textOf(bucket, step.path);
      await bucket.put(step.path, Buffer.from(content));
      return { written: content, killed };
    }
    if (step.kind === 'delete') {
      const killed = await textOf(bucket, step.path);
      await bucket.delete(step.path);
      return { killed };
    }
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
  return { killed: [] };
}

async function textOf(bucket: Bucket, key: string): Promise<string[]> {
  const found = (await readBucket(bucket))[key];
  return found === undefined ? [] : [found];
}

describe('both sides', () => {
  it('end alike and lose nothing', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 25 }), async (steps) => {
        const bucket = await makeBucket(openMemoryStorage());
        const here = makeFolders();
        let running = startSync(bucket, here, { roundMs: 1, pullMs: 1 });
        /** Contents that nobody has overwritten or removed on purpose. */
        const alive = new Set<string>();
        try {
          for (const [n, step] of steps.entries()) {
            const content = `content ${n}`;
            if (step.kind === 'restart') {
              await (step.graceful ? running.stop() : running.abort());
              running = startSync(bucket, here, { roundMs: 1, pullMs: 1 });
            } else if (step.kind === 'pause') {
              for (let turn = 0; turn < step.turns; turn += 1) await new Promise(setImmediate);
            } else {
              const there = step.kind === 'put' || step.kind === 'delete';
              const { written, killed } = there ? await actThere(bucket, step, content) : actHere(here, step, content);
              for (const text of killed) alive.delete(text);
              if (written !== undefined) alive.add(written);
            }
          }
          await running.stop();
          // What was left to the other side's next turn settles within a few.
          for (let turn = 0; turn < 4; turn += 1) await syncOnce(bucket, here);
          const objects = await readBucket(bucket);
          const files = readTree(here.root);
          const withoutFolders = Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith('/')));
          expect(withoutFolders).toEqual(objects);
          for (const text of alive) expect(Object.values(objects)).toContain(text);
        } finally {
          await running.abort();
          here.remove();
        }
      }),
      { numRuns: Number(process.env.SYNC_RUNS ?? 25) },
    );
  });
});
