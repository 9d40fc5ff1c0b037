import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HIGH_WATER_BYTES,
  LOW_WATER_BYTES,
  OutputCursor,
  STALLED_AFTER_MS,
  shouldPause,
  WINDOW_BYTES,
} from './output-cursor.ts';
import { OutputRing } from './output-ring.ts';
import { MAX_FRAME_BYTES } from './protocol.ts';

const newRing = () => new OutputRing({ capacityBytes: 2 * 1024 * 1024, onEvict: () => undefined });

describe('OutputCursor', () => {
  it('sends everything once and in order, never more than the window ahead', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(300_000), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 30 }),
        (steps) => {
          const ring = newRing();
          const cursor = new OutputCursor(0, 0);
          let received = 0;
          for (const [length, share] of steps) {
            ring.append(new Uint8Array(Math.min(length, WINDOW_BYTES)).fill(97));
            if (cursor.lost(ring)) return;
            cursor.pump(
              ring,
              (part) => {
                received += part.length;
              },
              0,
            );
            expect(received - cursor.acked).toBeLessThan(WINDOW_BYTES + MAX_FRAME_BYTES);
            expect(cursor.ack(cursor.acked + Math.floor((received - cursor.acked) * share), 0)).toBe(true);
          }
          while (received < ring.end) {
            cursor.ack(received, 0);
            cursor.pump(
              ring,
              (part) => {
                received += part.length;
              },
              0,
            );
          }
          expect(received).toBe(ring.end);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('refuses an acknowledgement of what was never sent', () => {
    expect(new OutputCursor(10, 0).ack(11, 0)).toBe(false);
  });

  it('knows that it is lost once the ring moved on', () => {
    const ring = newRing();
    const cursor = new OutputCursor(0, 0);
    ring.append(new Uint8Array(4 * 1024 * 1024));
    expect(cursor.lost(ring)).toBe(true);
  });
});

describe('shouldPause', () => {
  const paced = (ackedTo: number, end: number, paused: boolean, nowMs = 0) => {
    const ring = newRing();
    ring.append(new Uint8Array(end));
    const cursor = new OutputCursor(0, 0);
    cursor.pump(ring, () => undefined, 0);
    cursor.ack(ackedTo, 0);
    return shouldPause({ paused, end, cursors: [cursor], nowMs });
  };

  it('pauses above the high mark and goes on below the low one', () => {
    expect(paced(0, HIGH_WATER_BYTES, false)).toBe(false);
    expect(paced(0, HIGH_WATER_BYTES + 1, false)).toBe(true);
    expect(paced(HIGH_WATER_BYTES - LOW_WATER_BYTES - 1, HIGH_WATER_BYTES, true)).toBe(true);
    expect(paced(HIGH_WATER_BYTES - LOW_WATER_BYTES, HIGH_WATER_BYTES, true)).toBe(false);
  });

  it('lets go of a browser that stopped answering, and runs free without any', () => {
    expect(paced(0, HIGH_WATER_BYTES + 1, true, STALLED_AFTER_MS - 1)).toBe(true);
    expect(paced(0, HIGH_WATER_BYTES + 1, true, STALLED_AFTER_MS)).toBe(false);
    expect(shouldPause({ paused: true, end: 1e9, cursors: [], nowMs: 0 })).toBe(false);
  });
});
