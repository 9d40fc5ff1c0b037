import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputFeed } from './output-feed.ts';

/** A screen that shows what it was given only when told to, as the emulator does under load. */
class LateScreen {
  shown = '';
  #waiting: { data: string; done: (() => void) | undefined }[] = [];

  write(data: Uint8Array | string, done?: () => void): void {
    this.#waiting.push({ data: typeof data === 'string' ? data : new TextDecoder().decode(data), done });
  }

  /** @param before called just before each piece is worked on */
  work(pieces = Number.POSITIVE_INFINITY, before: (data: string) => void = () => undefined): void {
    for (let i = 0; i < pieces; i += 1) {
      const next = this.#waiting.shift();
      if (!next) return;
      before(next.data);
      this.shown = next.data.startsWith('\x1bc') ? '' : this.shown + next.data;
      next.done?.();
    }
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);
const sync = (from: number, reset: boolean, quietUntil = 0) => ({
  type: 'sync' as const,
  from,
  reset,
  prelude: '',
  quietUntil,
});

describe('OutputFeed', () => {
  it('shows everything once over any number of reconnects, however late the screen is', () => {
    const whole = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(3), fc.boolean())), (steps) => {
        const screen = new LateScreen();
        const feed = new OutputFeed(screen, () => undefined);
        feed.sync(sync(0, true));
        let at = 0;
        for (const [length, work, reconnect] of steps) {
          feed.push(bytes(whole.slice(at, at + length)));
          at = Math.min(whole.length, at + length);
          screen.work(work);
          if (!reconnect) continue;
          // The server goes on where the page says it is.
          expect(feed.resumeAt).toBe(at);
          feed.sync(sync(feed.resumeAt ?? 0, false));
        }
        screen.work();
        expect(screen.shown).toBe(whole.slice(0, at));
      }),
    );
  });

  it('acknowledges only what is shown, and nothing of before a reset', () => {
    const screen = new LateScreen();
    const acks: number[] = [];
    const feed = new OutputFeed(screen, (offset) => acks.push(offset));
    feed.sync(sync(0, true));
    feed.push(bytes('12345'));
    expect(acks).toEqual([]);
    screen.work();
    expect(acks).toEqual([5]);
    feed.push(bytes('678'));
    feed.sync(sync(100, true));
    feed.push(bytes('xy'));
    screen.work();
    expect(acks).toEqual([5, 102]);
    expect(screen.shown).toBe('xy');
  });

  it('is quiet through a replay, to the byte', () => {
    const screen = new LateScreen();
    const feed = new OutputFeed(screen, () => undefined);
    feed.sync(sync(0, true, 3));
    feed.push(bytes('oldnew'));
    const quiet: [string, boolean][] = [];
    screen.work(9, (data) => quiet.push([data, feed.quiet]));
    expect(quiet).toEqual([
      ['\x1bc', true],
      ['old', true],
      ['new', false],
    ]);
    expect(feed.quiet).toBe(false);
  });

  it('answers the queries of a brand-new shell', () => {
    const screen = new LateScreen();
    const feed = new OutputFeed(screen, () => undefined);
    feed.sync(sync(0, true, 0));
    feed.push(bytes('query'));
    screen.work(1);
    screen.work(1, () => expect(feed.quiet).toBe(false));
    expect(screen.shown).toBe('query');
  });
});
