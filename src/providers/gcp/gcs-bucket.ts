/**
 * One bucket of Cloud Storage as the storage port sees it: each call is one attempt, with preconditions wherever a repeat could
 * otherwise do harm. Folders are empty objects whose name ends in a slash. Made by gcs-storage.ts.
 */
import { AppError } from '../../domain/errors.ts';
import type { BucketDriver, HistoryDriver } from '../../ports/storage/driver.ts';
import type { BucketCapabilities, ObjectInfo } from '../../ports/storage/storage.ts';
import { isBucketMissing, isStatus } from './errors.ts';
import { listObjects, listVersions, type Place } from './listing.ts';
import { markerOf, objectPath, uploadPath } from './names.ts';
import { changedMeanwhile, ifGeneration, infoOf, keptGeneration, OBJECT_FIELDS, objectSchema } from './objects.ts';
import { partsDriver } from './parts.ts';
import { purgeObject, rewriteObject } from './rewrite.ts';
import { sendObject } from './sending.ts';
import { type SigningGround, signObject } from './signing.ts';

export function gcsBucket(place: Place, signing: SigningGround | null): BucketDriver {
  const { transport, bucket } = place;
  const capabilities: BucketCapabilities = {
    versions: true,
    history: true,
    signedUrls: signing !== null,
    uploads: true,
    atomicMove: false,
    folders: true,
    keysMayNest: true,
  };

  async function describe(
    key: string,
    { generation, signal }: { generation: string | undefined; signal: AbortSignal },
  ): Promise<ObjectInfo> {
    const query = { generation, fields: OBJECT_FIELDS };
    return infoOf(await transport.json(objectSchema, { method: 'GET', path: objectPath(bucket, key), query, signal }));
  }

  return {
    capabilities,
    head: (key, { versionId, signal }) => describe(key, { generation: keptGeneration(versionId), signal }),

    async get(key, { range, versionId, signal }) {
      const generation = keptGeneration(versionId);
      const path = objectPath(bucket, key);
      // The content's own answer lacks parts of the description, so both are asked for at once.
      const [content, first] = await Promise.allSettled([
        transport.open({
          method: 'GET',
          path,
          query: { alt: 'media', generation },
          headers: {
            // As it is stored; without, the store would unpack what was stored packed.
            'accept-encoding': 'gzip',
            ...(range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {}),
          },
          signal,
        }),
        describe(key, { generation, signal }),
      ]);
      if (content.status === 'rejected') throw content.reason;
      const body = content.value;
      try {
        if (first.status === 'rejected') throw first.reason;
        const served = body.headers['x-goog-generation'];
        const same = served === undefined || served === first.value.version;
        // Replaced between the two answers: what is being read is still described by its own version.
        const info = same ? first.value : await describe(key, { generation: String(served), signal });
        return { info, body };
      } catch (error) {
        body.destroy();
        throw error;
      }
    },

    put: (key, body, options) => sendObject({ ...place, key }, body, options),

    async delete(key, { ifVersion, signal }) {
      const ifGenerationMatch = ifGeneration(ifVersion === undefined ? undefined : { ifVersion });
      try {
        await transport.text({ method: 'DELETE', path: objectPath(bucket, key), query: { ifGenerationMatch }, signal });
      } catch (error) {
        if (!isStatus(error, 404) || isBucketMissing(error)) throw error;
        if (ifVersion !== undefined) throw changedMeanwhile();
      }
    },

    async copy(from, to, { condition, fromVersion, signal }) {
      const query = {
        ifGenerationMatch: ifGeneration(condition),
        ifSourceGenerationMatch: ifGeneration(fromVersion === undefined ? undefined : { ifVersion: fromVersion }),
      };
      return infoOf(await rewriteObject(place, { from, to, query, signal }));
    },

    list: (options) => listObjects(place, options),

    async createFolder(path, signal) {
      const names = path.split('/');
      const folders = names.map((_, depth) => names.slice(0, depth + 1).join('/'));
      await Promise.all(folders.map((folder) => createMarker(place, folder, signal)));
    },

    async deleteFolder(path, signal) {
      const marker = markerOf(path);
      const inside = await listObjects(place, { prefix: marker, delimiter: '/', startAfter: '', pageSize: 2, signal });
      if (inside.objects.length > 0 || inside.prefixes.length > 0) {
        throw new AppError('failed_precondition', 'The folder is not empty.', { details: { outcome: 'not_applied' } });
      }
      // What arrives meanwhile keeps the folder visible by itself.
      const found = await describe(marker, { generation: undefined, signal }).catch((error: unknown) => {
        if (isStatus(error, 404) && !isBucketMissing(error)) return null;
        throw error;
      });
      if (found) await purgeObject(place, { name: marker, generation: found.version }, signal);
    },

    history: historyDriver(place),
    uploads: partsDriver({ ...place, signing }),
    ...(signing && { signedUrl: (key, options) => signObject(signing, { bucket, key }, options) }),
  };
}

async function createMarker({ transport, bucket }: Place, folder: string, signal: AbortSignal): Promise<void> {
  try {
    await transport.text({
      method: 'POST',
      path: uploadPath(bucket),
      query: { uploadType: 'media', name: markerOf(folder), ifGenerationMatch: 0, fields: 'name' },
      headers: { 'content-type': 'application/x-directory' },
      signal,
    });
  } catch (error) {
    if (!isStatus(error, 412)) throw error;
  }
}

function historyDriver(place: Place): HistoryDriver {
  return {
    list: (options) => listVersions(place, options),
    async restore(key, versionId, { condition, signal }) {
      const query = { sourceGeneration: keptGeneration(versionId), ifGenerationMatch: ifGeneration(condition) };
      return infoOf(await rewriteObject(place, { from: key, to: key, query, signal }));
    },
    async purge(key, versionId, signal) {
      await purgeObject(place, { name: key, generation: keptGeneration(versionId) ?? '' }, signal);
    },
  };
}
