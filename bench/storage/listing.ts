/** All keys of a large bucket, page by page. */
import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { openS3 } from '../../e2e/servers/s3-storage.ts';
import { ROOT_CREDENTIALS } from '../../e2e/servers/versitygw.ts';
import type { Row } from '../report.ts';
import { atMost, beside, type Ground, inTurns, millisecondsOf, SDK } from './ground.ts';

const COUNT = 100_000;
const FOLDERS = 100;
const ROUNDS = 5;
const WITHIN_MS = 30_000;
const LISTED = 'cmbcluster-bench-listed';

export async function listingRows({ server, sides, scale, note }: Ground): Promise<Row[]> {
  const { sdk } = sides;
  const count = Math.ceil((COUNT * scale) / FOLDERS) * FOLDERS;
  const storage = await openS3(server.url, ROOT_CREDENTIALS);
  try {
    await sdk.send(new CreateBucketCommand({ Bucket: LISTED }));
    const bucket = storage.bucket(LISTED);
    // The store keeps objects as files with attributes, so names of one file are objects; a request for each would take a minute.
    const inStore = join(server.folder, 'data', LISTED);
    for (let folder = 0; folder < FOLDERS; folder += 1) {
      const prefix = `folder-${String(folder).padStart(3, '0')}`;
      const name = (index: number) => `file-${String(index).padStart(5, '0')}.fits`;
      await bucket.put(`${prefix}/${name(0)}`, Buffer.from('x'));
      mkdirSync(join(inStore, prefix), { recursive: true });
      for (let index = 1; index < count / FOLDERS; index += 1)
        linkSync(join(inStore, prefix, name(0)), join(inStore, prefix, name(index)));
    }
    const complete = (found: number) => {
      if (found !== count) throw new Error(`${found} of ${count} objects were listed`);
    };
    const times = await inTurns({
      rounds: ROUNDS,
      withinMs: WITHIN_MS,
      note,
      sides: {
        ours: () =>
          millisecondsOf(async () => {
            let found = 0;
            let startAfter: string | undefined;
            do {
              const page = await bucket.list({ startAfter });
              found += page.objects.length;
              startAfter = page.next ?? undefined;
            } while (startAfter !== undefined);
            complete(found);
          }),
        sdk: () =>
          millisecondsOf(async () => {
            let found = 0;
            let ContinuationToken: string | undefined;
            do {
              const page = await sdk.send(new ListObjectsV2Command({ Bucket: LISTED, ContinuationToken }));
              found += page.Contents?.length ?? 0;
              ContinuationToken = page.NextContinuationToken;
            } while (ContinuationToken !== undefined);
            complete(found);
          }),
      },
    });
    const measure = `list of ${count.toLocaleString('en')} objects by pages`;
    return [beside(measure, { ours: times.ours, peer: times.sdk, peerName: SDK, unit: 'ms' }, atMost(1.1))];
  } finally {
    await storage.close();
  }
}
