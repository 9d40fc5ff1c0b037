/** The calls of an upload in parts, and its refusals without tRPC around them, so that senders can be tested alone. */
import type { StorageId, UploadId } from '../../domain/ids.ts';
import type { Outputs, ShownError } from '../trpc-client.tsx';

export interface UploadRef {
  id: StorageId;
  uploadId: UploadId;
}

export type StartedUpload = Outputs['uploads']['start'];
export type StoredPart = Outputs['uploads']['parts'][number];
export type SignedPart = Outputs['uploads']['signParts'][number];
export type UnfinishedUpload = Outputs['uploads']['list'][number];

interface StartInput {
  id: StorageId;
  key: string;
  sizeBytes: number;
  contentType: string | undefined;
  replace: boolean;
}

/** Each rejects with an UploadFault. */
export interface UploadApi {
  start(input: StartInput): Promise<StartedUpload>;
  signParts(ref: UploadRef, numbers: number[]): Promise<SignedPart[]>;
  parts(ref: UploadRef): Promise<StoredPart[]>;
  list(id: StorageId): Promise<UnfinishedUpload[]>;
  complete(ref: UploadRef, options: { replace: boolean }): Promise<void>;
  abort(ref: UploadRef): Promise<void>;
  /** Length of the file of that key; null when there is none. */
  sizeOf(id: StorageId, key: string): Promise<number | null>;
}

export class UploadFault extends Error {
  readonly code: ShownError['code'];
  readonly retryable: boolean;

  constructor({ code, message, retryable }: Pick<ShownError, 'code' | 'message' | 'retryable'>) {
    super(message);
    this.name = 'UploadFault';
    this.code = code;
    this.retryable = retryable;
  }
}
