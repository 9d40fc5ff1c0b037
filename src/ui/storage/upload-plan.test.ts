import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, missingParts, planParts } from './part-plan.ts';
import { RequestSlots } from './request-slots.ts';
import { judge, messageOf, waitBefore } from './upload-retry.ts';
import { SpeedMeter, timeLeftMs } from './upload-speed.ts';

describe('planParts', () => {
  it('covers every byte once, in order', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 2000, max: 9999 }), (sizeBytes, partSizeBytes) => {
        const plan = planParts({ sizeBytes, partSizeBytes });
        expect(plan[0]?.start).toBe(0);
        expect(plan.at(-1)?.end).toBe(sizeBytes);
        for (const [index, { number, start, end }] of plan.entries()) {
          expect(number).toBe(index + 1);
          expect(start).toBe(plan[index - 1]?.end ?? 0);
          expect(end - start).toBeLessThanOrEqual(partSizeBytes);
        }
        expect(bytesOf(plan)).toBe(sizeBytes);
      }),
    );
  });

  it('has no empty part after a file of exactly whole parts, and one for an empty file', () => {
    expect(planParts({ sizeBytes: 20, partSizeBytes: 10 })).toHaveLength(2);
    expect(planParts({ sizeBytes: 0, partSizeBytes: 10 })).toEqual([{ number: 1, start: 0, end: 0 }]);
  });

  it('misses what is not there, or there with another length', () => {
    const plan = planParts({ sizeBytes: 25, partSizeBytes: 10 });
    const stored = [
      { number: 1, sizeBytes: 10 },
      { number: 3, sizeBytes: 10 },
    ];
    expect(missingParts(plan, stored).map(({ number }) => number)).toEqual([2, 3]);
  });
});

describe('judge', () => {
  const now = Date.parse('2026-11-24T08:00:00Z');
  const answer = (status: number, retryAfter: string | null = null, body = '') => ({ status, retryAfter, body });

  it.each([
    [answer(200), { kind: 'taken' }],
    [answer(0), { kind: 'again', waitMs: null }],
    [answer(500), { kind: 'again', waitMs: null }],
    [answer(429, '3'), { kind: 'again', waitMs: 3000 }],
    [answer(503, 'Tue, 24 Nov 2026 08:00:09 GMT'), { kind: 'again', waitMs: 9000 }],
    [answer(503, '86400'), { kind: 'again', waitMs: 120_000 }],
    [answer(503, 'soon'), { kind: 'again', waitMs: null }],
    [answer(501), { kind: 'refused', status: 501, message: null }],
    [answer(403, null, '{"message":"Not yours."}'), { kind: 'refused', status: 403, message: 'Not yours.' }],
  ])('%o', (given, expected) => expect(judge(given, now)).toEqual(expected));

  it('reads only sentences of our own', () => {
    expect(messageOf('<Error><Code>AccessDenied</Code></Error>')).toBeNull();
    expect(messageOf('{"message":7}')).toBeNull();
  });
});

describe('waitBefore', () => {
  it('doubles, spreads, and ends at half a minute', () => {
    expect([1, 2, 3, 20].map((failures) => waitBefore(failures, null, 0))).toEqual([250, 500, 1000, 15_000]);
    expect(waitBefore(20, null, 0.999)).toBeLessThanOrEqual(30_000);
    expect(waitBefore(1, 9000, 0.5)).toBe(9000);
  });
});

describe('SpeedMeter', () => {
  it('knows nothing for a second, then what moved in the last eight', () => {
    const meter = new SpeedMeter();
    meter.add(0, 0);
    meter.add(500, 5000);
    expect(meter.bytesPerSecond()).toBeNull();
    meter.add(1000, 10_000);
    expect(meter.bytesPerSecond()).toBe(10_000);
    for (let at = 2000; at <= 20_000; at += 1000) meter.add(at, 10_000 + at);
    expect(meter.bytesPerSecond()).toBe(1000);
  });

  it('falls to nothing when nothing moves, and begins anew when bytes were lost', () => {
    const meter = new SpeedMeter();
    for (let at = 0; at <= 10_000; at += 1000) meter.add(at, 500);
    expect(meter.bytesPerSecond()).toBe(0);
    meter.add(11_000, 100);
    expect(meter.bytesPerSecond()).toBeNull();
  });
});

describe('timeLeftMs', () => {
  it.each([
    [10_500, 1000, 11_000],
    [123_000, 1000, 125_000],
    [3_601_000, 1000, 3_660_000],
    [1, 1000, 1000],
    [1, 0, null],
    [1, null, null],
  ])('%d bytes at %o a second', (rest, speed, expected) => expect(timeLeftMs(rest, speed)).toBe(expected));
});

describe('RequestSlots', () => {
  it('never lets more in than there are, in order, and forgets who left the line', async () => {
    const slots = new RequestSlots(2);
    const { signal } = new AbortController();
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const work = (number: number) => async () => {
      order.push(number);
      most = Math.max(most, ++inside);
      await gate.promise;
      inside -= 1;
    };
    const left = new AbortController();
    const running = [1, 2, 3].map((number) => slots.run(signal, work(number)));
    const gone = slots.run(left.signal, work(4)).catch((error: unknown) => error);
    const last = slots.run(signal, work(5));
    left.abort('left');
    gate.resolve();
    await Promise.all([...running, last]);
    expect(await gone).toBe('left');
    expect(order).toEqual([1, 2, 3, 5]);
    expect(most).toBe(2);
  });

  it('gives the place back when the work fails', async () => {
    const slots = new RequestSlots(1);
    const { signal } = new AbortController();
    await expect(slots.run(signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.run(signal, async () => 'in')).toBe('in');
  });
});
