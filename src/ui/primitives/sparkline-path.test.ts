import { describe, expect, it } from 'vitest';
import { sparklinePath } from './sparkline-path.ts';

const box = { width: 12, height: 12, max: 10 };

describe('sparklinePath', () => {
  it('draws gaps as gaps', () => {
    expect(sparklinePath([0, 10, null, 5, 5, 5], box).line).toBe('M1,11L3,1M7,6L9,6L11,6');
  });

  it('shows a lone value as a dot and nothing as nothing', () => {
    expect(sparklinePath([5], box).line).toBe('M1,6L1,6');
    expect(sparklinePath([null, null], box)).toEqual({ line: '', area: '' });
  });

  it('stays inside the box when values pass the limit', () => {
    expect(sparklinePath([0, 99], box).line).toBe('M1,11L11,1');
  });
});
