/** Makes and removes storages without end, until it is killed: what prove/sagas.ts runs. Its argument is the folder to work in. */
import { join } from 'node:path';
import { openLocalStorage } from '../src/providers/local/storage/local-storage.ts';
import { deleteStorage } from '../src/services/storage/change.ts';
import { createStorage } from '../src/services/storage/create.ts';
import { openBench } from '../src/services/test-bench.ts';

const FILES = 20;
const STORAGES = 4;

const root = process.argv[2] ?? '';
const log = { info: () => {}, warn: () => {}, error: () => {} };
const store = openLocalStorage({ root, now: Date.now, log });
const { deps, actor } = await openBench({ file: join(root, 'control.sqlite'), store });
process.send?.('works');
for (;;) {
  const rows = deps.storages.all();
  if (rows.length < STORAGES) createStorage(deps, actor, { displayName: `Storage ${Date.now()}` });
  for (const row of rows.filter(({ status }) => status === 'active')) {
    const bucket = store.bucket(row.bucket);
    for (let i = 0; i < FILES; i += 1) await bucket.put(`folder ${i % 3}/file ${i}`, Buffer.from(`${i}`));
    deleteStorage(deps, actor, { id: row.id, confirm: row.displayName });
  }
  await new Promise((resolve) => setTimeout(resolve, 5));
}
