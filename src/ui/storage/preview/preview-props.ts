import type { StorageId } from '../../../domain/ids.ts';

export interface PreviewProps {
  storageId: StorageId;
  fileKey: string;
  /** Another version is another content. */
  version: string | null;
}
