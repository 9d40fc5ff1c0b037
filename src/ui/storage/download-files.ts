/** Saves files through the browser's own downloads, one each. Browser only. */
import type { StorageId } from '../../domain/ids.ts';
import { objectUrl } from './send-file.ts';

/** Browsers drop downloads that begin in the same moment. */
const BETWEEN_MS = 300;

export function downloadFiles(id: StorageId, files: readonly { key: string; name: string }[]): void {
  for (const [at, { key, name }] of files.entries()) {
    setTimeout(() => {
      const link = document.createElement('a');
      link.href = objectUrl(id, key);
      link.download = name;
      link.click();
    }, at * BETWEEN_MS);
  }
}
