import { expect, it } from 'vitest';
import { endInOrder } from './shutdown.ts';

it('ends what is left when a step hangs or fails, and says which', async () => {
  const done: string[] = [];
  const step = (name: string, run: () => Promise<void>) => ({ name, ms: 30, run });
  const ending = endInOrder([
    step('hangs', () => new Promise(() => {})),
    step('fails', async () => {
      throw new Error('broken');
    }),
    step('ends', async () => void done.push('ends')),
  ]);
  await expect(ending).rejects.toThrow(/hangs: .*within 0\.03 seconds.*fails: Error: broken/);
  expect(done).toEqual(['ends']);
});
