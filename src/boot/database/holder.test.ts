import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namingHolder } from './holder.ts';
import { type LogBench, lead, openLogBench } from './test-bench.ts';
import { restoreToFile } from './tools.ts';

let bench: LogBench;
beforeEach(async () => {
  bench = await openLogBench({ SECRET_KEY: 'k'.repeat(32) });
});
afterEach(() => bench.close());

describe('two deployments at one place', () => {
  it('the second hears who holds it', async () => {
    const leading = await lead(bench.tools, bench.folder);
    await leading.add('of the first');
    const second = await bench.open({ SECRET_KEY: 's'.repeat(32) });
    const error: unknown = await restoreToFile(bench.toolsOn(second), join(bench.folder, 'x')).catch(
      (thrown) => thrown,
    );
    expect(await namingHolder(error, second)).toMatchObject({
      code: 'failed_precondition',
      message: expect.stringMatching(/SECRET_KEY.*http:\/\/lead.*DATABASE_PREFIX/),
    });
    await leading.handover();
    expect(await namingHolder(error, second)).toMatchObject({ message: expect.stringMatching(/has let it go/) });
  });

  it('leaves every other error as it is', async () => {
    const error = new Error('another');
    expect(await namingHolder(error, bench.log)).toBe(error);
  });
});
