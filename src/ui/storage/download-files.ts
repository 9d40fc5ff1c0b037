/** Saves files through the browser's own downloads, one each. Browser only. */
import type { StorageId } from '../../domain/ids.ts';
import { objectUrl } from './send-file.ts';

export function downloadFiles(id: StorageId, files: readonly { key: string; name: string }[]): void {
  for (const { key, name } of files) {
    const link = document.createElement('a');
    link.href = objectUrl(id, key);
    link.download = name;
    link.click();
  }
}
