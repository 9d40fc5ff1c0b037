/**
 * Branded identifiers. Every id is `<prefix>-<20 characters of [0-9a-z]>` (100 random bits): lower case, at most 24 characters,
 * so that it is a valid DNS label, bucket-name part, file name and Kubernetes name as it stands.
 */
declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Id<'user'>;
export type SessionId = Id<'session'>;
export type EnvironmentId = Id<'environment'>;
export type StorageId = Id<'storage'>;
export type ApplicationId = Id<'application'>;
export type FileJobId = Id<'file job'>;
export type UploadId = Id<'upload'>;
export type InvitationId = Id<'invitation'>;
export type SecretFileId = Id<'secret file'>;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 20;

/** `length` characters, five random bits each. */
export function randomText(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  let text = '';
  for (const byte of bytes) text += ALPHABET[byte & 31];
  return text;
}

export const newUserId = (): UserId => `usr-${randomText(LENGTH)}` as UserId;
export const newSessionId = (): SessionId => `ses-${randomText(LENGTH)}` as SessionId;
export const newEnvironmentId = (): EnvironmentId => `env-${randomText(LENGTH)}` as EnvironmentId;
export const newStorageId = (): StorageId => `sto-${randomText(LENGTH)}` as StorageId;
export const newApplicationId = (): ApplicationId => `app-${randomText(LENGTH)}` as ApplicationId;
export const newFileJobId = (): FileJobId => `job-${randomText(LENGTH)}` as FileJobId;
export const newUploadId = (): UploadId => `upl-${randomText(LENGTH)}` as UploadId;
export const newInvitationId = (): InvitationId => `inv-${randomText(LENGTH)}` as InvitationId;
export const newSecretFileId = (): SecretFileId => `sec-${randomText(LENGTH)}` as SecretFileId;

/** True for text of the shape above with one of the house's prefixes. */
export function isId(value: string): boolean {
  return /^(usr|ses|env|sto|app|job|upl|inv|sec)-[0-9a-hjkmnp-tv-z]{20}$/.test(value);
}
