/** What people's files rest on: buckets that are made and removed, and folders that are synced, both under kill -9. */
import { prove as proveSagas } from './sagas.ts';
import { prove as proveSync } from './sync.ts';

export async function prove(options: { kills: number }): Promise<string[]> {
  const sagas = await proveSagas(options);
  process.stderr.write(`sagas: ${sagas.length} broken\n`);
  return [...sagas, ...(await proveSync(options))];
}
