'use client';
/** The log over the whole page. */
import type { EnvironmentId } from '../../domain/ids.ts';
import { EnvironmentLog } from './environment-log.tsx';

export function LogsTab(props: { id: EnvironmentId; generation: number; name: string }) {
  return <EnvironmentLog {...props} height="max(320px, calc(100dvh - 260px))" />;
}
