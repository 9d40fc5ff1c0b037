import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../domain/errors.ts';
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

  test('no input changes an option: it is refused, or the options stay as they are', () => {
    const options = optionsOf('cmb-sto-1', '/workspace');
    const dangerous = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `a,uid=0,${text}`),
    );
    fc.assert(
      fc.property(dangerous, dangerous, (bucket, path) => {
        for (const [name, place] of [
          [bucket, '/workspace'],
          ['cmb-sto-1', `/${path}`],
        ] as const) {
          const found = optionsOf(name, place);
          if (found !== null && found !== options) return false;
        }
        return true;
      }),
      { numRuns: 500 },
    );
  });
});

function optionsOf(bucket: string, path: string): string | null {
  try {
    const spec = mountSpec(bucket, path, identity);
    return JSON.stringify(spec).match(/"mountOptions":"([^"]*)"/)?.[1] ?? '';
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}
