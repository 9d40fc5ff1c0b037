import { describe, expect, it } from 'vitest';
import type { FileJobId, StorageId } from '../../domain/ids.ts';
import { createTranslator } from '../messages/create-translator.ts';
import { en } from '../messages/en.ts';
import { type FileJob, hasProblem, jobText } from './file-job.ts';
import { withJob } from './job-list.ts';

const t = createTranslator<typeof en>({ locale: 'en', catalog: en });
const job = (change: Partial<FileJob>): FileJob => ({
  id: 'job-1' as FileJobId,
  storageId: 'sto-1' as StorageId,
  kind: 'move',
  status: 'done',
  first: 'a/x.txt',
  items: 1,
  target: 'b/x.txt',
  done: 1,
  total: 1,
  failures: [],
  failedCount: 0,
  message: null,
  undo: true,
  createdAt: 1,
  updatedAt: 1,
  finishedAt: 1,
  ...change,
});

describe('jobText', () => {
  it('names the place where things went', () => {
    expect(jobText(t, job({}), 'Maps')).toBe('Moved “x.txt” to Maps/b.');
    expect(jobText(t, job({ target: 'x.txt' }), 'Maps')).toBe('Moved “x.txt” to Maps.');
    expect(jobText(t, job({ kind: 'copy', items: 3, first: 'a/c/', target: 'b/c/' }), 'Maps')).toBe(
      '3 entries copied to Maps/b.',
    );
  });

  it('calls a move inside one folder a renaming', () => {
    expect(jobText(t, job({ target: 'a/y.txt' }), 'Maps')).toBe('Renamed to “y.txt”.');
    expect(jobText(t, job({ first: 'old/', target: 'new/', status: 'running' }), 'Maps')).toBe(
      'Renaming “old” to “new”',
    );
  });

  it('never calls something done that was done in part', () => {
    const partly = job({ kind: 'delete', target: null, items: 12, failedCount: 2 });
    expect(hasProblem(partly)).toBe(true);
    expect(jobText(t, partly, 'Maps')).toBe('Not all of 12 entries were deleted');
    expect(jobText(t, job({ status: 'failed' }), 'Maps')).toBe('“x.txt” was not moved completely');
  });

  it('says how far a stopped one came', () => {
    expect(hasProblem(job({ status: 'cancelled' }))).toBe(false);
    expect(jobText(t, job({ status: 'cancelled', done: 0 }), 'Maps')).toBe('Stopped before anything was changed.');
    expect(jobText(t, job({ status: 'cancelled', done: 7 }), 'Maps')).toBe('Stopped after 7 files.');
  });
});

describe('withJob', () => {
  it('adds what is new and follows what is known', () => {
    const running = job({ status: 'running', updatedAt: 5 });
    expect(withJob([], running)).toEqual([running]);
    const further = job({ status: 'running', updatedAt: 6, done: 4 });
    expect(withJob([running], further)).toEqual([further]);
  });

  it('lets no late news undo newer ones', () => {
    const ended = job({ updatedAt: 9 });
    expect(withJob([ended], job({ status: 'running', updatedAt: 9 }))).toEqual([ended]);
    const further = job({ status: 'running', updatedAt: 6, done: 4 });
    expect(withJob([further], job({ status: 'running', updatedAt: 5 }))).toEqual([further]);
  });
});
