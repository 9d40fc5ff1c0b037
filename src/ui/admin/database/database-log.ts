/** The log behind the database, as the API tells it, and what a glance at it should look like. */
import type { LogCondition } from '../../../domain/database-log.ts';
import type { Tone } from '../../primitives/status-badge.tsx';
import type { Outputs } from '../../trpc-client.tsx';

export type DatabaseLog = NonNullable<Outputs['admin']['database']['status']['log']>;

export const TONES: Readonly<Record<LogCondition, Tone>> = {
  stored: 'running',
  late: 'warning',
  unreachable: 'failed',
  'handing-over': 'stopping',
  ended: 'failed',
};
