'use client';
/** The log over the whole page. */
import type { EnvironmentId } from '../../domain/ids.ts';
import { EnvironmentLog } from './environment-log.tsx';

export function LogsTab(props: { id: EnvironmentId; generation: number; name: string }) {
  // What stands above and below it is taller on a phone.
  return (
    <div className="[--around:350px] md:[--around:236px]">
      <EnvironmentLog {...props} height="max(320px, calc(100dvh - var(--around)))" />
    </div>
  );
}
