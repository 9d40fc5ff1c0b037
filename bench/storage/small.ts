/** Many small objects at once: what one request costs beside the same request of the bare SDK. */
import { randomBytes } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Row } from '../report.ts';
import { atLeast, atOnce, BUCKET, beside, type Ground, inTurns, millisecondsOf, SDK, size } from './ground.ts';

const COUNT = 2_000;
const WIDTH = 32;
const BYTES = 4096;
const ROUNDS = 5;
const WITHIN_MS = 40_000;

export async function smallRows({ sides, scale, note }: Ground): Promise<Row[]> {
  const count = Math.ceil(COUNT * scale);
  const content = randomBytes(BYTES);
  const { ours, sdk } = sides;
  const rate = async (work: (index: number) => Promise<unknown>): Promise<number> =>
    count / ((await millisecondsOf(() => atOnce(count, WIDTH, work))) / 1000);
  const whole = (length: number | undefined) => {
    if (length !== BYTES) throw new Error('not the object that was put');
  };
  const key = (side: string, round: number, index: number) => `small/${side}-${round}/${index}`;
  const put = await inTurns({
    rounds: ROUNDS,
    withinMs: WITHIN_MS,
    warmUp: true,
    note,
    sides: {
      ours: (round) => rate((index) => ours.put(key('ours', round, index), content)),
      sdk: (round) =>
        rate((index) =>
          sdk.send(new PutObjectCommand({ Bucket: BUCKET, Key: key('sdk', round, index), Body: content })),
        ),
    },
  });
  const get = await inTurns({
    rounds: ROUNDS,
    withinMs: WITHIN_MS,
    warmUp: true,
    note,
    sides: {
      ours: (round) =>
        rate(async (index) => {
          const { body } = await ours.get(key('ours', Math.min(round, 2), index));
          whole(Buffer.concat(await body.toArray()).length);
        }),
      sdk: (round) =>
        rate(async (index) => {
          const Key = key('sdk', Math.min(round, 2), index);
          const { Body } = await sdk.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
          whole((await Body?.transformToByteArray())?.length);
        }),
    },
  });
  const label = (verb: string) => `${verb} of ${count.toLocaleString('en')} × ${size(BYTES)}, ${WIDTH} at once`;
  return [
    beside(label('put'), { ours: put.ours, peer: put.sdk, peerName: SDK, unit: '1/s' }, atLeast(0.9)),
    beside(label('get'), { ours: get.ours, peer: get.sdk, peerName: SDK, unit: '1/s' }, atLeast(0.9)),
  ];
}
