import { describe, expect, it } from 'vitest';
import { createLimits } from './limits.ts';

const refusal = expect.objectContaining({ code: 'resource_exhausted', retryable: true });

describe('limits of one browser', () => {
  it('let a burst through, then as many changes as time gives', () => {
    let now = 0;
    const limits = createLimits(() => now);
    for (let i = 0; i < 100; i += 1) limits.spend('one');
    expect(() => limits.spend('one')).toThrow(refusal);
    limits.spend('another');
    now = 1_000;
    limits.spend('one', 20);
    expect(() => limits.spend('one')).toThrow(refusal);
    // A long rest gives no more than a full burst.
    now = 3_600_000;
    limits.spend('one', 100);
    expect(() => limits.spend('one')).toThrow(refusal);
  });

  it('count an address as many browsers, which share one proxy', () => {
    const limits = createLimits(() => 0);
    for (let i = 0; i < 1_000; i += 1) limits.spend('address 10.0.0.1');
    expect(() => limits.spend('address 10.0.0.1')).toThrow(refusal);
  });

  it('forget those who rest, never those who are at it', () => {
    let now = 0;
    const limits = createLimits(() => now);
    for (let i = 0; i < 1_000; i += 1) limits.spend(`rests ${i}`);
    now = 10_000;
    limits.spend('busy', 100);
    for (let i = 0; i < 1_000; i += 1) limits.spend(`other ${i}`);
    expect(() => limits.spend('busy')).toThrow(refusal);
  });

  it('give a stream its place back, once', () => {
    const limits = createLimits(() => 0);
    const given = Array.from({ length: 20 }, () => limits.hold('one'));
    expect(() => limits.hold('one')).toThrow(refusal);
    limits.hold('another');
    given[0]?.();
    given[0]?.();
    limits.hold('one');
    expect(() => limits.hold('one')).toThrow(refusal);
  });
});
