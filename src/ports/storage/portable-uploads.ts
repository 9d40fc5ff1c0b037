/** Files that come in parts. */
import { Readable } from 'node:stream';
import { checkKey } from '../../domain/storage.ts';
import {
  checkContentType,
  checkExpiry,
  checkMetadata,
  checkPart,
  checkSize,
  checkToken,
  checkWholeSize,
} from './checks.ts';
import type { UploadDriver } from './driver.ts';
import type { Ground } from './ground.ts';
import { sendBody } from './portable-objects.ts';
import { lacking } from './refusals.ts';
import type { Bucket } from './storage.ts';

type Uploads = Pick<Bucket, 'startUpload' | 'putPart' | 'signedPart' | 'listParts' | 'completeUpload' | 'abortUpload'>;

export function portableUploads(ground: Ground): Uploads {
  const { driver, run, policy } = ground;
  const checked = (key: string, uploadId: string): UploadDriver => {
    checkKey(key);
    if (!driver.uploads) throw lacking('take a file in parts');
    checkToken('uploadId', uploadId);
    return driver.uploads;
  };
  return {
    async startUpload(key, { sizeBytes, contentType, metadata, signal }) {
      checkKey(key);
      const { uploads } = driver;
      if (!uploads) throw lacking('take a file in parts');
      checkWholeSize(sizeBytes);
      checkContentType(contentType);
      checkMetadata(metadata);
      // Begun twice, the one that nobody knows of costs nothing but a tidying up.
      return run('startUpload', { signal }, (s) =>
        uploads.start(key, { sizeBytes, contentType: contentType ?? null, metadata: metadata ?? {}, signal: s }),
      );
    },
    async putPart(key, uploadId, part) {
      const { number, body, sizeBytes, signal } = part;
      try {
        const uploads = checked(key, uploadId);
        checkPart(part);
        const repeat = body instanceof Readable ? 'never' : 'always';
        return await run('putPart', { repeat, signal, timeLimitMs: null, upload: true }, (attempt) =>
          sendBody(
            ground,
            { source: body, sizeBytes, crc32c: undefined, signal: attempt, own: signal },
            ({ stream, crc32c, signal: s }) =>
              uploads.putPart(key, uploadId, { number, body: stream, sizeBytes, crc32c, signal: s }),
          ),
        );
      } finally {
        if (body instanceof Readable && !body.destroyed) body.destroy();
      }
    },
    async signedPart(key, uploadId, part) {
      const uploads = checked(key, uploadId);
      const sign = uploads.signedPart?.bind(uploads);
      if (!sign) throw lacking('hand out links of its own');
      checkPart(part);
      checkExpiry(part.expiresInMs);
      return run('signedPart', {}, () => sign(key, uploadId, part));
    },
    async listParts(key, uploadId, { signal } = {}) {
      const uploads = checked(key, uploadId);
      return run('listParts', { signal }, (s) => uploads.listParts(key, uploadId, s));
    },
    async completeUpload(key, uploadId, { sizeBytes, condition, signal }) {
      const uploads = checked(key, uploadId);
      checkSize(sizeBytes);
      ground.checkCondition(condition);
      // A store may take minutes to put thousands of parts together.
      return run('completeUpload', { repeat: 'unless-applied', signal, timeLimitMs: policy.sweepMs }, (s) =>
        uploads.complete(key, uploadId, { sizeBytes, condition, signal: s }),
      );
    },
    async abortUpload(key, uploadId, { signal } = {}) {
      const uploads = checked(key, uploadId);
      return run('abortUpload', { signal }, (s) => uploads.abort(key, uploadId, s));
    },
  };
}
