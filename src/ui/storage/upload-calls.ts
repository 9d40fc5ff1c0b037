/** The calls of uploads as the server takes them. */
import { plainClient, shownError } from '../trpc-client.tsx';
import { type UploadApi, UploadFault } from './upload-api.ts';

async function call<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UploadFault(shownError(error));
  }
}

const { uploads, files } = plainClient;

export const uploadApi: UploadApi = {
  start: (input) => call(uploads.start.mutate(input)),
  signParts: (ref, numbers) => call(uploads.signParts.mutate({ ...ref, numbers })),
  parts: (ref) => call(uploads.parts.query(ref)),
  list: (id) => call(uploads.list.query({ id })),
  complete: async (ref, { replace }) => void (await call(uploads.complete.mutate({ ...ref, replace }))),
  abort: (ref) => call(uploads.abort.mutate(ref)),
  sizeOf: async (id, key) => {
    try {
      return (await call(files.head.query({ id, key }))).sizeBytes;
    } catch (error) {
      if (error instanceof UploadFault && error.code === 'not_found') return null;
      throw error;
    }
  },
};
