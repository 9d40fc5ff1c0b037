import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EscapeScanner } from './escape-scanner.ts';
import { TerminalModes } from './terminal-modes.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function modesAfter(...parts: string[]): TerminalModes {
  const modes = new TerminalModes();
  for (const part of parts) modes.feed(bytes(part));
  return modes;
}

describe('TerminalModes', () => {
  it('brings a fresh terminal to the modes that are on', () => {
    const modes = modesAfter('\x1b[?1049h\x1b[?1;2004h\x1b[?25l\x1b=text');
    expect(modes.alternateScreen).toBe(true);
    expect(modes.prelude()).toBe('\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?25l\x1b=');
    expect(modesAfter(modes.prelude()).prelude()).toBe(modes.prelude());
  });

  it('forgets what was switched back, and everything on a reset', () => {
    expect(modesAfter('\x1b[?1049h\x1b[?2004h\x1b[?2004l\x1b[?1047l').prelude()).toBe('');
    expect(modesAfter('\x1b[?1049h\x1b[?25l\x1b=\x1bc').prelude()).toBe('');
    expect(modesAfter('\x1b[?1049h\x1b[?25l\x1b[!p').prelude()).toBe('\x1b[?1049h');
  });

  it('takes text inside strings and cancelled sequences for what they are', () => {
    expect(modesAfter('\x1bP[?25l\x1b\\\x1b]0;[?25l\x07\x1b[?25\x18l').prelude()).toBe('');
    expect(modesAfter('\x1b]0;no end \x1b[?25l').prelude()).toBe('\x1b[?25l');
  });
});

describe('EscapeScanner', () => {
  it('finds the same in any split', () => {
    const text = 'a\x1b[?1049h\x1b]0;tïtle\x07b\x1b(Bc\x1b]2;two\x1b\\\x1b=\x1bPdcs\x1b\\\x1b[1;2H';
    const found = (parts: Uint8Array[]) => {
      const seen: string[] = [];
      const scanner = new EscapeScanner({
        csi: (params, final) => seen.push(`csi ${params} ${final}`),
        osc: (osc) => seen.push(`osc ${osc}`),
        escape: (final) => seen.push(`esc ${final}`),
      });
      for (const part of parts) scanner.feed(part);
      return seen;
    };
    const whole = bytes(text);
    const expected = ['csi ?1049 h', 'osc 0;tïtle', 'osc 2;two', 'esc =', 'csi 1;2 H'];
    expect(found([whole])).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: whole.length })), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), whole.length];
        expect(found(edges.slice(1).map((edge, i) => whole.subarray(edges[i], edge)))).toEqual(expected);
      }),
    );
  });

  it('is bounded: an endless title is dropped, the stream goes on', () => {
    const seen: string[] = [];
    const scanner = new EscapeScanner({ osc: (osc) => seen.push(osc) });
    scanner.feed(bytes(`\x1b]0;${'x'.repeat(100_000)}\x07\x1b]0;ok\x07`));
    expect(seen).toEqual(['0;ok']);
  });
});
