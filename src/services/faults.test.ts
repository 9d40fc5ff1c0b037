import { describe, expect, it } from 'vitest';
import { DatabaseError } from '../../prisma-free-db/database.ts';
import { Unavailable } from '../../prisma-free-db/replication/errors.ts';
import { AppError } from '../domain/errors.ts';
import { asAppError } from './faults.ts';

describe('faults of the database', () => {
  it.each([
    ['unavailable', { outcome: 'not_applied', retryAfterSeconds: 2 }],
    ['not_leader', { outcome: 'not_applied', retryAfterSeconds: 2 }],
    ['not_durable', { outcome: 'unknown', retryAfterSeconds: 2 }],
  ] as const)('that pass by themselves say so, and whether anything happened: %s', (code, details) => {
    expect(asAppError(new DatabaseError(code, 'Wait.'))).toMatchObject({
      code: 'unavailable',
      message: 'Wait.',
      details,
      retryable: true,
    });
  });

  it('keep the time after which to try again', () => {
    const error = new DatabaseError('unavailable', 'Wait.', new Unavailable('draining', 7));
    expect(asAppError(error).details).toMatchObject({ retryAfterSeconds: 7 });
  });

  it('of the inside are told to the log alone, and others pass', () => {
    const inner = asAppError(new DatabaseError('corrupt', 'Page 7 of /data/control.sqlite.'));
    expect([inner.code, inner.message.includes('control.sqlite'), inner.details]).toEqual([
      'internal',
      false,
      undefined,
    ]);
    expect(asAppError(new DatabaseError('read_only', 'Check the mount.')).details).toBeUndefined();
    const own = new AppError('not_found', 'No such thing.');
    expect(asAppError(own)).toBe(own);
  });
});
