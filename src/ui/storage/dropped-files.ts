/** The files of a drop, the clipboard or a file picker, with folders opened up: each with its path below what was dropped. Browser only. */
export interface FileToUpload {
  file: File;
  /** `photo.png`, or `run 1/data/a.csv` when a folder was dropped. */
  path: string;
}

export function pickedFiles(list: FileList | null): FileToUpload[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Must be called inside the event itself, drop or paste: the browser empties the transfer right after it. */
export async function droppedFiles(transfer: DataTransfer): Promise<FileToUpload[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return pickedFiles(transfer.files);
  const found = await Promise.all(entries.map((entry) => (entry ? walk(entry, '') : [])));
  return found.flat();
}

async function walk(entry: FileSystemEntry, above: string): Promise<FileToUpload[]> {
  const path = above + entry.name;
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path }];
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const files: FileToUpload[] = [];
  // The reader hands out at most 100 entries a call; an empty answer is the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return files;
    for (const child of batch) files.push(...(await walk(child, `${path}/`)));
  }
}

/** Chromium, Firefox and Safari all name a picture that was copied as such, and not as a file, like this. */
const NAMELESS = 'image.png';
const JUST_NOW_MS = 5000;

/** A picture from the clipboard is no file that had a name: it gets one, so that the next one is not in its way. */
export function pastedFiles(
  files: readonly FileToUpload[],
  name: (time: string) => string,
  now: number,
): FileToUpload[] {
  const [only] = files;
  if (files.length !== 1 || !only || only.path !== NAMELESS || now - only.file.lastModified > JUST_NOW_MS)
    return [...files];
  const at = new Date(now);
  const time = [at.getFullYear(), at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return [{ file: only.file, path: `${name(time)}.png` }];
}
