/** Settings of a bucket, made true one by one and read back; access for a person's programs. */
import { expect } from 'vitest';
import { BUCKET_SETTINGS, type WantedSettings } from '../storage.ts';
import { refusal, refusals } from './probes.ts';
import { type Spec, WANTED } from './spec.ts';

export function describeSettings({ topic, promise, each }: Spec): void {
  topic('settings', () => {
    const wanted: WantedSettings = { ...WANTED, corsOrigins: ['https://cmb.example.org'] };

    promise('each is made true, or says why this storage has none, and is read back', async (tools) => {
      const { provider, newName } = tools;
      const name = newName();
      await provider.createBucket(name, { labels: {} });
      for (const setting of BUCKET_SETTINGS) {
        const state = await provider.configureBucket(name, setting, wanted);
        expect(await provider.configureBucket(name, setting, wanted)).toEqual(state);
        expect(state.setting).toBe(setting);
        if (state.state === 'lacking') expect(state.reason).toMatch(/\.$/);
        // Without a bucket for logs, none are written.
        else if (setting !== 'logs') expect(state).toMatchObject({ state: 'on' });
      }
      const states = await provider.inspectBucket(name, wanted);
      expect(states.map(({ setting }) => setting)).toEqual([...BUCKET_SETTINGS]);
      expect(states.filter(({ state, setting }) => state === 'off' && setting !== 'logs')).toEqual([]);
    });

    promise('a setting that is not as wanted is seen', async ({ provider, bucket, lack }) => {
      const made = await provider.configureBucket(bucket.name, 'expiry', wanted);
      if (made.state === 'lacking') throw lack(made.reason ?? '');
      const find = async (settings: WantedSettings) =>
        (await provider.inspectBucket(bucket.name, settings)).find(({ setting }) => setting === 'expiry');
      expect(await find(wanted)).toMatchObject({ state: 'on' });
      expect(await find({ ...wanted, keepVersionsDays: 7 })).toMatchObject({ state: 'off' });
      await provider.configureBucket(bucket.name, 'expiry', { ...wanted, keepVersionsDays: 7 });
      expect(await find({ ...wanted, keepVersionsDays: 7 })).toMatchObject({ state: 'on' });
    });

    promise('of a missing bucket are not_found', async ({ provider, newName }) => {
      const name = newName();
      for (const outcome of await refusals([
        provider.inspectBucket(name, wanted),
        provider.configureBucket(name, 'private', wanted),
        provider.getBucketMetadata(name),
      ])) {
        expect(outcome).toMatchObject({ code: 'not_found' });
      }
    });

    const bad: Partial<WantedSettings>[] = [
      { keepVersionsDays: 0 },
      { keepVersionsDays: 366 },
      { keepVersionsDays: 1.5 },
      { corsOrigins: ['*'] },
      { corsOrigins: ['https://a.example/path'] },
      { corsOrigins: ['https://a.example/'] },
      { logBucket: 'No Bucket' },
    ];
    each('refuses', bad, async (part, { provider, bucket }) => {
      const call = provider.configureBucket(bucket.name, 'cors', { ...wanted, ...part });
      expect(await refusal(call)).toMatchObject({ code: 'invalid_argument' });
    });

    promise('access is given and taken away, again and again, and said in a sentence', async (tools) => {
      const { provider, bucket } = tools;
      for (let i = 0; i < 2; i += 1) expect(await provider.ensureBucketAccess(bucket.name, null)).toMatch(/\.$/);
      for (let i = 0; i < 2; i += 1) await provider.revokeBucketAccess(bucket.name, null);
      await provider.revokeBucketAccess(tools.newName(), null);
      const bad = { namespace: 'a/b', serviceAccount: 'x' };
      expect(await refusal(provider.ensureBucketAccess(bucket.name, bad))).toMatchObject({ code: 'invalid_argument' });
    });

    promise('the check of the storage names what it lacks, with a reason', async ({ provider, bucket }) => {
      const lacks = await provider.check();
      for (const { reason } of lacks) expect(reason).toMatch(/\.$/);
      const declared = Object.entries(bucket.capabilities).filter(([, has]) => !has);
      for (const [capability] of declared) expect(lacks.map(({ what }) => what)).toContain(capability);
    });
  });
}
