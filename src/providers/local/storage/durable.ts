/** Small files of our own that must survive a power cut whole. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Readers see the old file or the whole new one. The folder must be there, and only one writer at a time per path. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const draft = `${path}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
