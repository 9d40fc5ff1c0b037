import { expect, it } from 'vitest';
import type { LiveEventRow } from '../../../prisma-free-db/repositories/records.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import { createBacklog } from './backlog.ts';

const ownerId = 'usr-1' as UserId;
const row = (id: number): LiveEventRow => ({ id, ownerId, at: 0, kind: 'profile', targetId: 'usr-1' });
const event = (id: number) => ({ type: 'event' as const, row: row(id) });
const log = (environmentId: string, end: number) => ({
  type: 'log' as const,
  ownerId,
  environmentId: environmentId as EnvironmentId,
  end,
});

it('gives events in order, then the newest end of each log', async () => {
  const backlog = createBacklog(10);
  for (const signal of [log('a', 1), event(1), log('b', 5), log('a', 9), event(2)]) backlog.push(signal);
  const seen = [];
  for (let i = 0; i < 4; i += 1) seen.push(await backlog.next());
  expect(seen).toEqual([
    { type: 'event', row: row(1) },
    { type: 'event', row: row(2) },
    { type: 'log', environmentId: 'a', end: 9 },
    { type: 'log', environmentId: 'b', end: 5 },
  ]);
});

it('keeps no more than it may for a reader that does not read, and says so', async () => {
  const backlog = createBacklog(3);
  for (let i = 1; i <= 100; i += 1) backlog.push(event(i));
  expect(await backlog.next()).toEqual({ type: 'reset' });
  backlog.push(event(101));
  expect(await backlog.next()).toEqual({ type: 'event', row: row(101) });
});

it('wakes a waiting reader, and ends it when closed', async () => {
  const backlog = createBacklog(3);
  const waiting = backlog.next();
  backlog.push(event(1));
  expect(await waiting).toEqual({ type: 'event', row: row(1) });
  const last = backlog.next();
  backlog.close();
  expect(await last).toBeNull();
  backlog.push(event(2));
  expect(await backlog.next()).toBeNull();
});
