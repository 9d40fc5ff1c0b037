import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLogWriter, readLog, unfinishedBytes } from './log-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cmbcluster-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (options: Partial<Parameters<typeof readLog>[1]> = {}) =>
  readLog(folder, { from: 0, maxBytes: 1e6, live: false, ...options });
const kept = () =>
  readdirSync(join(folder, 'log')).reduce((sum, name) => sum + statSync(join(folder, 'log', name)).size, 0);

describe('log files', () => {
  it('keep the newest bytes at their offsets, in two segments at most, whatever the sizes of the writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 250 }), { maxLength: 40 }), async (sizes) => {
        rmSync(join(folder, 'log'), { recursive: true, force: true });
        const writer = openLogWriter(folder, 1, 100);
        let written = '';
        for (const size of sizes) {
          const text = Array.from({ length: size }, (_, index) =>
            String.fromCharCode(97 + ((written.length + index) % 26)),
          ).join('');
          writer.write(Buffer.from(text));
          written += text;
          expect(kept()).toBeLessThanOrEqual(200);
        }
        writer.close();
        const chunk = await read();
        expect(chunk).toMatchObject({ to: written.length, end: written.length, from: chunk.start });
        expect(chunk.text).toBe(written.slice(chunk.start));
        expect(chunk.end - chunk.start).toBeGreaterThanOrEqual(Math.min(written.length, 100));
      }),
      { numRuns: 40 },
    );
  });

  it('are read in pieces of any size without breaking a character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
        fc.integer({ min: 4, max: 40 }),
        async (raw, size) => {
          const text = Buffer.from(raw).toString();
          rmSync(join(folder, 'log'), { recursive: true, force: true });
          const writer = openLogWriter(folder, 1, 64 * 1024);
          writer.write(Buffer.from(text));
          writer.close();
          let seen = '';
          for (let from = 0; from < Buffer.byteLength(text); ) {
            const chunk = await read({ from, maxBytes: size, live: true });
            expect(chunk.to).toBeGreaterThan(from);
            expect(chunk.to - from).toBeLessThanOrEqual(size);
            seen += chunk.text;
            from = chunk.to;
          }
          expect(seen).toBe(text);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('half a character at the end waits while more may come, and is shown when none will', async () => {
    const writer = openLogWriter(folder, 1);
    const rocket = Buffer.from('🚀');
    writer.write(Buffer.concat([Buffer.from('a'), rocket.subarray(0, 2)]));
    expect(await read({ live: true })).toMatchObject({ text: 'a', to: 1, end: 3 });
    expect(await read({ live: false })).toMatchObject({ text: 'a\ufffd', to: 3 });
    writer.write(rocket.subarray(2));
    expect(await read({ from: 1, live: true })).toMatchObject({ text: '🚀', to: 5 });
    writer.close();
  });

  it('bytes that are no text are replaced, never waited for', async () => {
    const writer = openLogWriter(folder, 1);
    writer.write(Buffer.from([0xff, 0xfe, 0x80, 0x41, 0xc3, 0x0a]));
    writer.close();
    expect(await read({ live: true })).toMatchObject({ to: 6, text: '\ufffd\ufffd\ufffdA\ufffd\n' });
  });

  it('what a failing disk refuses is dropped and counted; the writer goes on afterwards', async () => {
    const writer = openLogWriter(folder, 1, 10);
    writer.write(Buffer.from('0123456789'));
    // Where the next segment belongs there is a folder: opening it fails as a full disk would.
    mkdirSync(join(folder, 'log', '1-10.log'));
    writer.write(Buffer.from('lost'));
    expect(writer.end).toBe(14);
    rmSync(join(folder, 'log', '1-10.log'), { recursive: true });
    const deadline = performance.now() + 5_000;
    let lost = 14;
    while (readdirSync(join(folder, 'log')).length < 2 && performance.now() < deadline) {
      writer.write(Buffer.from('x'));
      lost = writer.end - 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    writer.write(Buffer.from('y'));
    writer.close();
    expect(await read({ from: 2 })).toMatchObject({ from: 2, to: 10, text: '23456789', end: lost + 2 });
    expect(await read({ from: 10 })).toMatchObject({ from: lost, text: 'xy' });
  });

  it('keep one generation before the newest', async () => {
    for (const generation of [1, 2, 3]) {
      const writer = openLogWriter(folder, generation);
      writer.write(Buffer.from(`generation ${generation}`));
      writer.close();
    }
    expect((await read()).text).toBe('generation 3');
    expect((await read({ generation: 2 })).text).toBe('generation 2');
    expect(await read({ generation: 1 })).toMatchObject({ text: '', end: 0, generation: 1 });
  });

  it('a reader never fails while segments are rotated away under it', async () => {
    const writer = openLogWriter(folder, 1, 512);
    const reads: Promise<unknown>[] = [];
    for (let round = 0; round < 200; round++) {
      writer.write(Buffer.alloc(300, 'x'));
      reads.push(read({ from: 0, live: true }));
      if (round % 10 === 0) await Promise.all(reads.splice(0));
    }
    await Promise.all(reads);
    writer.close();
  });
});

describe('unfinishedBytes', () => {
  it('agrees with the decoder at every cut of every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.nat(100), (text, cut) => {
        const bytes = Buffer.from(text).subarray(0, cut);
        const whole = bytes.subarray(0, bytes.length - unfinishedBytes(bytes));
        expect(text.startsWith(whole.toString())).toBe(true);
        expect(bytes.length - whole.length).toBeLessThan(4);
      }),
    );
  });
});
