'use client';
/** Begins to load the code of a part while the data it will show is read, so that the one does not wait for the other. */
import { useEffect } from 'react';

/** @param load The `import()` of the part; keep it at module scope. Its failure is shown where the part is drawn. */
export function usePreload(load: () => Promise<unknown>): void {
  useEffect(() => {
    load().catch(() => {});
  }, [load]);
}
