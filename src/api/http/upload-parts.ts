/** PUT /api/storages/<id>/uploads/<uploadId>/<n>: one part of a large file, streamed on to its store. */

import type { UploadId } from '../../domain/ids.ts';
import { putUploadPart } from '../../services/files/uploads.ts';
import { bodyOf, type FileRequest, lengthOf } from './file-request.ts';
import { sendJson } from './reply.ts';

export async function uploadPart(request: FileRequest, uploadId: UploadId, number: number): Promise<void> {
  const { deps, actor, id, req, res, signal } = request;
  const part = await putUploadPart(deps, actor, {
    ...{ id, uploadId, number, signal },
    body: bodyOf(request),
    sizeBytes: lengthOf(req),
  });
  sendJson(res, 200, { number: part.number, sizeBytes: part.sizeBytes });
}
