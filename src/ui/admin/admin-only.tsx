'use client';
/** Shows the administration to administrators: at once no more when the role is taken away, at once when it is given. */
import type { ReactNode } from 'react';
import { useViewerRole } from '../shell/viewer-role.ts';

export function AdminOnly({ forbidden, children }: { forbidden: ReactNode; children: ReactNode }) {
  return useViewerRole() === 'admin' ? children : forbidden;
}
