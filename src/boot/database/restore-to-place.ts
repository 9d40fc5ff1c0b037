/** An earlier state as the beginning of a log of its own, below a new prefix: a log is never rewound where it lies. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { importDatabase } from './import-database.ts';
import type { DatabaseLog } from './open-log.ts';
import { type LogTools, restoreToFile } from './tools.ts';

/** @throws AppError failed_precondition when something lies at the new place */
export async function restoreToPlace(
  tools: LogTools & { readonly workDir: string; readonly migrationsDir: string },
  target: DatabaseLog,
  until: number | undefined,
): Promise<{ from: number; seq: number }> {
  await mkdir(tools.workDir, { recursive: true, mode: 0o700 });
  const work = await mkdtemp(join(tools.workDir, 'restore-'));
  try {
    tools.say(`Restoring ${until === undefined ? 'the present' : `slot ${until}`}.`);
    const file = join(work, 'state.sqlite');
    const { chain } = await restoreToFile(tools, file, until);
    const { seq } = await importDatabase({ ...tools, log: target, file, alone: false });
    return { from: chain.seq, seq };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
