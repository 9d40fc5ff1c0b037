import { expect, it } from 'vitest';
import { healthyLog } from '../../domain/test-database-log.ts';
import { createLogAlarm } from './log-alarm.ts';

it('tells once that the log is behind, once that changes are refused, and that it is over', () => {
  const said: unknown[] = [];
  let [now, age] = [1_000_000, 0];
  const say = (level: string) => (message: string, facts?: Record<string, unknown>) =>
    said.push([level, message, facts]);
  const look = createLogAlarm({
    databaseLog: () => healthyLog({ undurableAgeMs: age, store: { ...healthyLog().store, lastError: 'no answer' } }),
    now: () => now,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
  });
  const after = (ms: number) => {
    now += ms;
    if (age > 0) age += ms;
    look();
    return said.splice(0);
  };
  expect(after(0)).toEqual([]);
  age = 4_000;
  expect(after(1_000)).toEqual([]);
  const facts = (oldestUnstoredMs: number) => ({ oldestUnstoredMs, storeError: 'no answer' });
  expect(after(1_000)).toEqual([
    ['warn', 'the log of the database is behind its store', { condition: 'late', ...facts(6_000) }],
  ]);
  expect(after(4_000)).toEqual([]);
  expect(after(1_000)).toEqual([['error', 'changes are refused: those before them are not stored', facts(11_000)]]);
  expect(after(1_000)).toEqual([]);
  age = 0;
  expect(after(500)).toEqual([['info', 'the log of the database is up to date again', { afterMs: 6_500 }]]);
  expect(after(500)).toEqual([]);
  age = 5_001;
  expect(after(0)).toHaveLength(1);
});

it('is silent where there is no log', () => {
  const loud = () => expect.unreachable();
  createLogAlarm({ databaseLog: () => null, now: () => 0, log: { info: loud, warn: loud, error: loud } })();
});
