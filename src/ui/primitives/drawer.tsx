'use client';
/** Details beside the page: from the right on wide screens, from below on phones. */
import { lazy, Suspense, useState } from 'react';
import type { DrawerProps } from './drawer-props.ts';

const DrawerContent = lazy(async () => ({ default: (await import('./drawer-content.tsx')).DrawerContent }));

export function Drawer(props: DrawerProps) {
  const [used, setUsed] = useState(props.open);
  if (props.open && !used) setUsed(true);
  if (!used) return null;
  return (
    <Suspense fallback={null}>
      <DrawerContent {...props} />
    </Suspense>
  );
}
