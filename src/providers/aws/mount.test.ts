import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../domain/errors.ts';
import { type MountOrder, mountSpec } from './mount.ts';

const identity = { namespace: 'cmb-environments', serviceAccount: 'u-7f3a' };
const order: MountOrder = {
  bucket: 'cmb-sto-123456789012-eu-central-1-an',
  path: '/workspace/data',
  workloadIdentity: identity,
  region: 'eu-central-1',
};

interface Volume {
  metadata: { name: string };
  spec: { mountOptions: string[]; csi: { volumeHandle: string; volumeAttributes: Record<string, string> } };
}

function volumeOf(given: MountOrder): Volume {
  const spec = mountSpec(given);
  if (spec.kind !== 'kubernetes') throw new Error('a mount in a cluster was wanted');
  return spec.objects[0] as Volume;
}

test.each([
  ['bucket', order],
  ['prefix', { ...order, prefix: 'users/u1/' }],
])('what the cluster is told: %s', (name, given) => {
  const golden = new URL(`./golden/mount-${name}.json`, import.meta.url);
  expect(mountSpec(given)).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
});

test('a volume and its claim name each other, and never is a volume inline', () => {
  const spec = mountSpec(order);
  if (spec.kind !== 'kubernetes') throw new Error('a mount in a cluster was wanted');
  const [volume, claim] = spec.objects as [
    { metadata: { name: string }; spec: { claimRef: object } },
    { metadata: { name: string; namespace: string }; spec: { volumeName: string } },
  ];
  expect(volume.spec.claimRef).toMatchObject({ namespace: claim.metadata.namespace, name: claim.metadata.name });
  expect(claim.spec.volumeName).toBe(volume.metadata.name);
  expect(spec.volume).toEqual({ name: 'workspace', persistentVolumeClaim: { claimName: claim.metadata.name } });
  expect(spec.volume).not.toHaveProperty('csi');
});

test('each bucket, prefix and identity has a volume of its own; the same ones have the same', () => {
  const orders = [
    order,
    { ...order, bucket: 'another-bucket' },
    { ...order, prefix: 'a/' },
    { ...order, workloadIdentity: { ...identity, namespace: 'other' } },
    { ...order, workloadIdentity: { ...identity, serviceAccount: 'u-other' } },
  ];
  expect(new Set(orders.map((each) => volumeOf(each).spec.csi.volumeHandle)).size).toBe(orders.length);
  expect(volumeOf(order)).toEqual(volumeOf({ ...order }));
  expect(volumeOf(order).metadata.name).toMatch(/^[a-z0-9-]{1,63}$/);
});

test('outside a cluster there is nothing to mount', () => {
  expect(() => mountSpec({ ...order, workloadIdentity: null })).toThrow(
    expect.objectContaining({ code: 'failed_precondition' }),
  );
});

describe('no input can become another option', () => {
  const plain = volumeOf({ ...order, prefix: 'p/' });
  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom(...'ab-./ ,=\t\n"\'\\:;|$`\0') }),
    fc.constantFrom('x allow-root', 'x,allow-root', 'a\nallow-root', '--allow-root', 'a/ --endpoint-url=b/', '../'),
  );

  test.each(['bucket', 'region', 'prefix', 'namespace', 'serviceAccount'] as const)('by the %s', (field) => {
    fc.assert(
      fc.property(word, (value) => {
        const given =
          field === 'namespace' || field === 'serviceAccount'
            ? { ...order, prefix: 'p/', workloadIdentity: { ...identity, [field]: value } }
            : { ...order, prefix: 'p/', [field]: value };
        let volume: Volume;
        try {
          volume = volumeOf(given);
        } catch (error) {
          expect(isAppError(error) && error.code).toBe('invalid_argument');
          return;
        }
        const { mountOptions, csi } = volume.spec;
        expect(mountOptions).toHaveLength(plain.spec.mountOptions.length);
        for (const [i, option] of mountOptions.entries()) {
          const [name, ...rest] = option.split(/[ =]/);
          expect(name).toBe(plain.spec.mountOptions[i]?.split(/[ =]/)[0]);
          expect(rest.length).toBeLessThanOrEqual(1);
          expect(option).toMatch(/^[\w./= -]+$/);
        }
        expect(Object.keys(csi.volumeAttributes)).toEqual(Object.keys(plain.spec.csi.volumeAttributes));
        expect(csi.volumeAttributes.authenticationSource).toBe('pod');
      }),
      { numRuns: 500 },
    );
  });
});
