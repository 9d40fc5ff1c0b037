/** The running checksum equals a full scan after any changes, and sees what a plain XOR of page hashes would not. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DbSum } from './db-sum.ts';
import { IncompletePages } from './errors.ts';

const PAGE = 512;
const bytes = (fill: number) => new Uint8Array(PAGE).fill(fill);

/** Independent of the code: straight from the definition. */
function fullScan(database: readonly Uint8Array[]): bigint {
  return database.reduce((sum, content, index) => {
    const number = Buffer.alloc(4);
    number.writeUInt32LE(index + 1);
    return sum ^ createHash('sha256').update(number).update(content).digest().readBigUInt64LE(0);
  }, 0n);
}

const sumOf = (database: readonly Uint8Array[]): bigint => {
  const sum = new DbSum(PAGE);
  sum.apply(
    database.map((content, index) => ({ pgno: index + 1, bytes: content })),
    database.length,
  );
  return sum.value;
};

describe('DbSum', () => {
  it('is 0 for nothing and a known value for a known page', () => {
    expect(new DbSum(PAGE).value).toBe(0n);
    expect(sumOf([bytes(1)])).toBe(fullScan([bytes(1)]));
  });

  it('equals a full scan after any growth, change and shrink', () => {
    const step = fc.record({ size: fc.nat(150), changed: fc.array(fc.nat(160)), fill: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const sum = new DbSum(PAGE);
        let database: Uint8Array[] = [];
        for (const { size, changed, fill } of steps) {
          const touched = new Set(changed.map((index) => index + 1));
          for (let pgno = database.length + 1; pgno <= size; pgno += 1) touched.add(pgno);
          database = Array.from({ length: size }, (_, i) =>
            touched.has(i + 1) ? bytes(fill) : (database[i] ?? bytes(0)),
          );
          sum.apply(
            [...touched].map((pgno) => ({ pgno, bytes: bytes(fill) })),
            size,
          );
          expect(sum.value).toBe(fullScan(database));
          expect(sum.dbPages).toBe(size);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes a whole database in ascending pieces', () => {
    const sum = new DbSum(PAGE);
    const database = Array.from({ length: 10 }, (_, index) => bytes(index));
    for (let at = 0; at < 10; at += 4) {
      const piece = database.slice(at, at + 4).map((content, index) => ({ pgno: at + index + 1, bytes: content }));
      sum.apply(piece, at + piece.length);
    }
    expect(sum.value).toBe(fullScan(database));
  });

  it('sees swapped and duplicated pages', () => {
    const right = sumOf([bytes(1), bytes(2), bytes(3)]);
    expect(sumOf([bytes(2), bytes(1), bytes(3)])).not.toBe(right);
    expect(sumOf([bytes(1), bytes(1), bytes(3)])).not.toBe(right);
    expect(sumOf([bytes(1), bytes(2), bytes(3), bytes(3)])).not.toBe(right);
    expect(sumOf([bytes(4), bytes(4)])).not.toBe(sumOf([bytes(5), bytes(5)]));
  });

  it('refuses a page that nobody gave, and stays as it was', () => {
    const sum = new DbSum(PAGE);
    sum.apply([{ pgno: 1, bytes: bytes(1) }], 1);
    const before = sum.value;
    expect(() => sum.apply([{ pgno: 3, bytes: bytes(3) }], 3)).toThrow(IncompletePages);
    expect([sum.value, sum.dbPages]).toEqual([before, 1]);
  });
});
