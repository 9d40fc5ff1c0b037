import { describe, expect, test } from 'vitest';
import { expectNoInjection } from '../../ports/storage/test-mounts.ts';
import { mountSpec } from './mount.ts';

const identity = { namespace: 'cmb-u-1', serviceAccount: 'u-1' };

describe('the mount of a bucket in GKE', () => {
  test('is an inline volume of the CSI driver, as the golden file says', async () => {
    const spec = mountSpec('cmb-sto-1', '/workspace', identity);
    await expect(`${JSON.stringify(spec, null, 2)}\n`).toMatchFileSnapshot('mount.golden.json');
  });

  test('has only texts as attributes, as the CSI interface asks', () => {
    const spec = mountSpec('cmb-sto-1', '/workspace', identity);
    expect(spec).toMatchObject({ kind: 'kubernetes', volume: { csi: { readOnly: false } } });
    const values = JSON.stringify(spec).match(/"volumeAttributes":(\{[^}]*\})/)?.[1] ?? '{}';
    expect(Object.values(JSON.parse(values)).map((value) => typeof value)).toEqual(Array(4).fill('string'));
  });

  test('is refused without a service account: the node could reach every bucket', () => {
    expect(() => mountSpec('cmb-sto-1', '/workspace', null)).toThrow(
      expect.objectContaining({ code: 'failed_precondition' }),
    );
  });

  test.each(['workspace', '/a:b', '/a/../etc', '/a\nb', '/./a', ''])('is refused at %j', (path) => {
    expect(() => mountSpec('cmb-sto-1', path, identity)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  test('keeps its cache on room that the sidecar has', () => {
    const spec = mountSpec('cmb-sto-1', '/workspace', identity);
    if (spec.kind !== 'kubernetes') throw new Error('a mount in a cluster was wanted');
    const { csi } = spec.volume as { csi: { volumeAttributes: Record<string, string> } };
    const gib = (quantity: string | undefined) => Number(/^(\d+)Gi$/.exec(quantity ?? '')?.[1]);
    const room = spec.podAnnotations['gke-gcsfuse/ephemeral-storage-limit'];
    expect(gib(room)).toBeGreaterThan(gib(csi.volumeAttributes.fileCacheCapacity));
  });

  test.each(['bucket', 'path', 'namespace', 'serviceAccount'] as const)('no %s changes anything else', (field) => {
    expectNoInjection(field, {
      mount: ({ bucket, path, namespace, serviceAccount }) => mountSpec(bucket, path, { namespace, serviceAccount }),
    });
  });
});
