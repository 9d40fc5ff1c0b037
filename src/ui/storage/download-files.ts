/** Saves files through the browser's own downloads: one as it is, several or a folder as a zip. Browser only. */
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { objectUrl } from './send-file.ts';

type Downloadable = { kind: 'file' | 'folder'; key: string; name: string };

/** @param zipName what a zip of several is called, without its extension */
export function downloadFiles(id: StorageId, entries: readonly Downloadable[], zipName = 'files'): void {
  const [one] = entries;
  if (!one) return;
  if (entries.length === 1 && one.kind === 'file') {
    downloadFile(id, one.key);
    return;
  }
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `/api/storages/${id}/zip`;
  form.hidden = true;
  for (const { key } of entries) form.append(field('key', key));
  form.append(field('name', entries.length === 1 ? one.name : zipName));
  document.body.append(form);
  form.submit();
  form.remove();
}

export function downloadFile(id: StorageId, key: string): void {
  const link = document.createElement('a');
  link.href = objectUrl(id, key);
  link.download = baseName(key);
  link.click();
}

function field(name: string, value: string): HTMLInputElement {
  const input = document.createElement('input');
  input.type = 'hidden';
  input.name = name;
  input.value = value;
  return input;
}
