/** Kept versions, and links that the browser uses by itself. */
import { checkKey, checkPrefix } from '../../domain/storage.ts';
import { checkContentType, checkExpiry, checkFileName, checkSignedSize, checkToken } from './checks.ts';
import type { HistoryDriver } from './driver.ts';
import type { Ground } from './ground.ts';
import {
  checkPageSize,
  checkVersionId,
  MAX_PAGE_SIZE,
  notKept,
  type Objects,
  orDoubted,
  sameContent,
} from './portable-objects.ts';
import { invalid, lacking } from './refusals.ts';
import type { Bucket } from './storage.ts';

type Versions = Pick<Bucket, 'listVersions' | 'restore' | 'purgeVersion' | 'signedUrl'>;

export function portableVersions(ground: Ground, objects: Pick<Objects, 'head'>): Versions {
  const { driver, run } = ground;
  const history = (): HistoryDriver => {
    if (!driver.history) throw notKept();
    return driver.history;
  };
  return {
    async listVersions({ key, prefix = '', page, pageSize = MAX_PAGE_SIZE, signal }) {
      if (key !== undefined) checkKey(key);
      if (key !== undefined && prefix !== '') throw invalid('prefix', 'Ask for one key or for a prefix, not for both.');
      checkPrefix(prefix);
      if (page === '') throw invalid('page', 'The page mark is not valid.');
      checkPageSize(pageSize);
      const kept = history();
      return run('listVersions', { signal }, (s) => kept.list({ key, prefix, page, pageSize, signal: s }));
    },
    async restore(key, versionId, { condition, signal } = {}) {
      checkKey(key);
      checkToken('versionId', versionId);
      ground.checkCondition(condition);
      const kept = history();
      const repeat = condition ? 'unless-applied' : 'always';
      try {
        return await run('restore', { repeat, signal, timeLimitMs: null }, (s) =>
          kept.restore(key, versionId, { condition, signal: s }),
        );
      } catch (error) {
        throw await orDoubted(error, async () => {
          const [now, old] = await Promise.all([
            objects.head(key, { signal }),
            objects.head(key, { versionId, signal }),
          ]);
          return sameContent(now, old);
        });
      }
    },
    async purgeVersion(key, versionId, { signal } = {}) {
      checkKey(key);
      checkToken('versionId', versionId);
      const kept = history();
      return run('purgeVersion', { signal }, (s) => kept.purge(key, versionId, s));
    },
    async signedUrl(key, options) {
      checkKey(key);
      const sign = driver.signedUrl?.bind(driver);
      if (!sign) throw lacking('hand out links of its own');
      checkExpiry(options.expiresInMs);
      if (options.method === 'GET') {
        checkFileName(options.fileName);
        checkVersionId(ground, options.versionId);
      } else {
        checkSignedSize(options.sizeBytes);
        checkContentType(options.contentType);
      }
      return run('signedUrl', {}, () => sign(key, options));
    },
  };
}
