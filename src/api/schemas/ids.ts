/** Ids as the API takes them: the exact shape, so that a wrong one is refused before it reaches a query. */
import { z } from 'zod';
import type {
  ApplicationId,
  EnvironmentId,
  FileJobId,
  InvitationId,
  SecretFileId,
  SessionId,
  StorageId,
  UploadId,
  UserId,
} from '../../domain/ids.ts';

const id = <T extends string>(prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-[0-9a-z]{20}$`), 'This id does not have the right form.')
    .transform((value) => value as T);

export const environmentId = id<EnvironmentId>('env');
export const storageId = id<StorageId>('sto');
export const applicationId = id<ApplicationId>('app');
export const fileJobId = id<FileJobId>('job');
export const uploadId = id<UploadId>('upl');
export const secretFileId = id<SecretFileId>('sec');
export const sessionId = id<SessionId>('ses');
export const invitationId = id<InvitationId>('inv');
export const userId = id<UserId>('usr');
