/** The format cannot drift (golden objects), and nothing that is not exactly it is read (every flip, every cut, every rule). */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DecodedObject,
  decodeObject,
  encodeObject,
  encodePages,
  HEADER_BYTES,
  type ObjectInput,
  readHeader,
} from './codec.ts';
import { type CorruptReason, WrongKey } from './errors.ts';

const PAGE = 512;
const page = (pgno: number, fill = pgno) => ({ pgno, bytes: new Uint8Array(PAGE).fill(fill) });
const key = { id: 7, secret: new Uint8Array(32).fill(9) };
const cap = { maxRawLen: 1_000_000 };

const seg: ObjectInput = {
  kind: 'seg',
  codec: 'raw',
  pageSize: PAGE,
  dbPages: 5,
  epoch: 3,
  from: 40,
  to: 41,
  dbSum: 0x0102_0304_0506_0708n,
  prevHash: new Uint8Array(32).fill(0xab),
  meta: { at: 12 },
  pages: [page(2), page(5)],
};
const seal: ObjectInput = { ...seg, kind: 'seal', pages: [], meta: { owner: 'a', nonce: 'b', at: 1 } };

/** Header, meta and page numbers of `seg` as stored; its pages are one byte repeated. */
const GOLDEN_SEG_HEAD = [
  '53514c52 0100 01 00 00020000 05000000 02000000 09000000',
  '0300000000000000 2800000000000000 2900000000000000 0807060504030201',
  '11040000 11040000',
  'ab'.repeat(32),
  '00000000',
  '00'.repeat(60),
  '7b226174223a31327d 02000000 05000000',
]
  .join('')
  .replaceAll(' ', '');
const GOLDEN_SEG = Buffer.concat([Buffer.from(GOLDEN_SEG_HEAD, 'hex'), Buffer.alloc(PAGE, 2), Buffer.alloc(PAGE, 5)]);

const sealDigest = (bytes: Uint8Array): Buffer => {
  const head = bytes.subarray(0, bytes.length - 32);
  return Buffer.concat([head, createHash('sha256').update(head).digest()]);
};

/** `bytes` with some of them replaced, and a digest that holds: what only the rules behind the digest can find. */
const forged = (bytes: Uint8Array, at: number, ...values: number[]): Buffer => {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return sealDigest(copy);
};

const plain = ({ header, meta, pages }: DecodedObject) => ({
  kind: header.kind,
  from: header.from,
  to: header.to,
  epoch: header.epoch,
  dbPages: header.dbPages,
  dbSum: header.dbSum,
  prevHash: Buffer.from(header.prevHash).toString('hex'),
  meta,
  pages: pages.map(({ pgno, bytes }) => [pgno, Buffer.from(bytes).toString('hex')]),
});

const refusal = (bytes: Uint8Array, options: Parameters<typeof decodeObject>[1] = cap): Promise<unknown> =>
  decodeObject(bytes, options).then(
    () => 'accepted',
    (error: { reason?: CorruptReason; code: string }) => error.reason ?? error.code,
  );

describe('the format', () => {
  it('is this, byte for byte', async () => {
    const { bytes, hash } = await encodeObject(seg);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      sealDigest(Buffer.concat([GOLDEN_SEG, Buffer.alloc(32)])).toString('hex'),
    );
    expect(Buffer.from(hash)).toEqual(createHash('sha256').update(GOLDEN_SEG).digest());
    expect(readHeader(bytes.subarray(0, HEADER_BYTES))).toMatchObject({
      kind: 'seg',
      nPages: 2,
      metaLen: 9,
      dbPages: 5,
    });
  });

  it.each(['raw', 'zstd', 'deflate'] as const)('gives back what was encoded (%s), sealed or not', async (codec) => {
    const expected = plain(await decodeObject((await encodeObject(seg)).bytes, cap));
    for (const sealed of [undefined, key]) {
      const { bytes, hash } = await encodeObject({ ...seg, codec, key: sealed });
      const decoded = await decodeObject(bytes, { ...cap, keys: [key], expect: { kind: 'seg', from: 40, to: 41 } });
      expect(plain(decoded)).toEqual(expected);
      expect(Buffer.from(decoded.hash)).toEqual(Buffer.from(hash));
    }
  });

  it('keeps any object', async () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        numbers,
        fc.constantFrom('raw', 'zstd', 'deflate'),
        fc.boolean(),
        fc.jsonValue(),
        async (set, codec, sealed, value) => {
          const pages = set.sort((one, other) => one - other).map((pgno) => page(pgno, pgno % 256));
          const input = { ...seg, codec, dbPages: 300, pages, meta: { value }, key: sealed ? key : undefined };
          const decoded = await decodeObject((await encodeObject(input)).bytes, { ...cap, keys: [key] });
          expect(JSON.stringify(decoded.meta)).toBe(JSON.stringify(input.meta));
          expect(plain(decoded).pages).toEqual(
            pages.map(({ pgno, bytes }) => [pgno, Buffer.from(bytes).toString('hex')]),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the decoder', () => {
  it.each(['plain', 'encrypted'])('finds every flipped bit, every cut and every extra byte (%s)', async (how) => {
    const { bytes } = await encodeObject({ ...seg, codec: 'zstd', key: how === 'plain' ? undefined : key });
    const options = { ...cap, keys: [key] };
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(await refusal(flipped, options), `byte ${at} bit ${bit}`).not.toBe('accepted');
      }
      expect(await refusal(bytes.subarray(0, at), options), `cut at ${at}`).not.toBe('accepted');
    }
    expect(await refusal(Buffer.concat([bytes, Buffer.alloc(1)]), options)).toBe('length');
  });

  it.each<[string, CorruptReason, number, number[]]>([
    ['another magic', 'magic', 0, [0x54]],
    ['another version', 'version', 4, [2]],
    ['an unknown kind', 'kind', 6, [5]],
    ['an unknown codec', 'codec', 7, [3]],
    ['a page size that is no power of two', 'page_size', 8, [1, 2]],
    ['a page size over 64 KiB', 'page_size', 8, [0, 0, 2]],
    ['more pages than the database', 'page_count', 12, [1]],
    ['another page count than the length allows', 'raw_length', 16, [1]],
    ['epoch 0', 'positions', 24, [0]],
    ['a seal or segment from elsewhere', 'positions', 32, [0x27]],
    ['a position over 2^53', 'positions', 47, [1]],
    ['another raw length', 'raw_length', 60, [0x12]],
    ['a nonce without a key', 'encryption', 100, [1]],
    ['a reserved byte', 'reserved', 159, [1]],
    ['a base that lacks pages', 'positions', 6, [3]],
    ['a seal with pages', 'page_count', 6, [2]],
    ['meta that is no JSON', 'meta', 160, [0x78]],
    ['page 0', 'page_order', 169, [0]],
    ['a page twice', 'page_order', 169, [5]],
    ['pages in the wrong order', 'page_order', 169, [5, 0, 0, 0, 2]],
    ['a page beyond the end', 'page_order', 173, [6]],
  ])('refuses %s although the digest holds', async (_, reason, at, values) => {
    expect(await refusal(forged((await encodeObject(seg)).bytes, at, ...values))).toBe(reason);
  });

  it('refuses a base without all pages', async () => {
    const base: ObjectInput = { ...seg, kind: 'base', from: 0, dbPages: 2, pages: [page(1), page(2)] };
    const { bytes } = await encodeObject(base);
    expect(await refusal(bytes)).toBe('accepted');
    expect(await refusal(forged(bytes, 12, 3))).toBe('page_count');
  });

  it('looks at the digest before it unpacks, and never unpacks beyond what was announced', async () => {
    const { bytes } = await encodeObject({ ...seg, codec: 'zstd' });
    expect(await refusal(bytes, { maxRawLen: 1_040 })).toBe('raw_length');
    const bomb = await encodeObject({ ...seg, codec: 'zstd', pages: [page(1), page(2), page(3)] });
    const lying = Buffer.from(bomb.bytes);
    lying.writeUInt32LE(2, 16);
    lying.writeUInt32LE(9 + 2 * (4 + PAGE), 60);
    expect(await refusal(lying)).toBe('digest');
    expect(await refusal(sealDigest(lying))).toBe('body');
  });

  it('holds an object to its name', async () => {
    const { bytes } = await encodeObject(seal);
    expect(await refusal(bytes, { ...cap, expect: { kind: 'seal', from: 40, to: 41 } })).toBe('accepted');
    expect(await refusal(bytes, { ...cap, expect: { kind: 'seal', from: 41, to: 42 } })).toBe('name');
    expect(await refusal(bytes, { ...cap, expect: { kind: 'seg', from: 40, to: 41 } })).toBe('name');
  });

  it('tells a key that is missing or another from damage', async () => {
    const { bytes } = await encodeObject({ ...seg, key });
    expect(await refusal(bytes)).toBe('wrong_key');
    expect(await refusal(bytes, { ...cap, keys: [{ ...key, secret: new Uint8Array(32) }] })).toBe('wrong_key');
    await expect(decodeObject(bytes, cap)).rejects.toEqual(expect.objectContaining({ keyId: 7 }));
    // The header is bound to the ciphertext: another epoch under a right digest does not open.
    await expect(decodeObject(forged(bytes, 24, 4), { ...cap, keys: [key] })).rejects.toBeInstanceOf(WrongKey);
  });
});

describe('the encoder', () => {
  it.each<[string, Partial<ObjectInput>]>([
    ['pages out of order', { pages: [page(5), page(2)] }],
    ['a page twice', { pages: [page(2), page(2)] }],
    ['a page beyond the end', { pages: [page(6)] }],
    ['a page of another size', { pages: [{ pgno: 1, bytes: new Uint8Array(100) }] }],
    ['a seal with pages', { kind: 'seal' }],
    ['a segment that skips a slot', { from: 39 }],
    ['a short hash', { prevHash: new Uint8Array(31) }],
    ['a sum over 64 bits', { dbSum: 1n << 64n }],
    ['key 0', { key: { ...key, id: 0 } }],
  ])('refuses %s', async (_, change) => {
    await expect(encodeObject({ ...seg, ...change })).rejects.toBeInstanceOf(RangeError);
  });
});

describe('pages that are read while they are encoded', () => {
  const pgnos = Array.from({ length: 700 }, (_, index) => index + 1);
  const base = { ...seg, kind: 'base', from: 0, dbPages: pgnos.length, pgnos } as const;
  const fill = async (wanted: readonly number[], target: Buffer) => {
    wanted.forEach((pgno, index) => {
      target.fill(pgno % 251, index * PAGE, (index + 1) * PAGE);
    });
  };

  it.each([undefined, key])('give the object that they give at once (key %j)', async (using) => {
    const asked: number[] = [];
    const read = async (wanted: readonly number[], target: Buffer) => {
      asked.push(wanted.length);
      await fill(wanted, target);
    };
    const { bytes, hash } = await encodePages({ ...base, read, ...(using && { key: using }) });
    const object = await decodeObject(bytes, { ...cap, keys: [key], expect: { kind: 'base', from: 0, to: 41 } });
    expect(object.pages).toEqual(
      pgnos.map((pgno) => page(pgno, pgno % 251)).map(({ pgno, bytes: body }) => ({ pgno, bytes: Buffer.from(body) })),
    );
    expect([object.header.codec, object.meta, Buffer.from(object.hash)]).toEqual(['zstd', seg.meta, hash]);
    expect(asked).toEqual([256, 256, 188]);
  });

  it('are none for an empty DIFF, and a failed read passes through', async () => {
    const none = await encodePages({ ...base, kind: 'diff', from: 3, pgnos: [], read: fill });
    expect((await decodeObject(none.bytes, cap)).pages).toEqual([]);
    const fault = new Error('disk');
    await expect(encodePages({ ...base, read: () => Promise.reject(fault) })).rejects.toBe(fault);
    await expect(encodePages({ ...base, pgnos: [2, 1], kind: 'diff', from: 3, read: fill })).rejects.toThrow(
      RangeError,
    );
  });
});
