/** The files of a drop or a file picker, with folders opened up: each with its path below what was dropped. Browser only. */
export interface FileToUpload {
  file: File;
  /** `photo.png`, or `run 1/data/a.csv` when a folder was dropped. */
  path: string;
}

export function pickedFiles(list: FileList | null): FileToUpload[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Must be called inside the drop event itself: the browser empties the transfer right after it. */
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
