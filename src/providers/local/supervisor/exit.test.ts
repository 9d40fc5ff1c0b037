import { describe, expect, it } from 'vitest';
import { FAILURE_REASONS, type FailureReason } from '../../../domain/environment.ts';
import { commandName, describeExit, describeSpawnError, type Ending } from './exit.ts';

const ending: Ending = {
  command: 'app',
  wasReady: true,
  exitCode: 0,
  signal: null,
  outOfMemory: false,
  memoryMiB: 512,
  limited: true,
  at: 7,
};

describe('describeExit', () => {
  const cases: [string, Partial<Ending>, FailureReason | null][] = [
    ['answered 0 after it was ready', {}, null],
    ['answered 0 before it was ready', { wasReady: false }, 'exited_early'],
    ['answered 1 before it was ready', { wasReady: false, exitCode: 1 }, 'exited_early'],
    ['is a shell that found no such program', { wasReady: false, exitCode: 127 }, 'command_not_found'],
    ['is a shell that may not execute it', { wasReady: false, exitCode: 126 }, 'start_failed'],
    ['answered 1 after it was ready', { exitCode: 1 }, 'crashed'],
    ['was killed', { exitCode: null, signal: 'SIGKILL' }, 'killed_by_signal'],
    ['crashed on its own memory', { exitCode: null, signal: 'SIGSEGV' }, 'killed_by_signal'],
    [
      'was killed while the kernel ran out of memory',
      { exitCode: null, signal: 'SIGKILL', outOfMemory: true },
      'out_of_memory',
    ],
    ['is a shell whose child was, too', { exitCode: 137, outOfMemory: true }, 'out_of_memory'],
    ['failed otherwise while memory was short', { exitCode: 1, outOfMemory: true }, 'crashed'],
  ];
  it.each(cases)('%s', (_, facts, reason) => {
    const failure = describeExit({ ...ending, ...facts });
    expect(failure?.reason ?? null).toBe(reason);
    if (!failure) return;
    expect(FAILURE_REASONS).toContain(failure.reason);
    expect(failure).toMatchObject({ at: 7, exitCode: facts.exitCode === undefined ? 0 : facts.exitCode });
    expect(failure.step).toBe(facts.wasReady === false ? 'started' : 'ready');
    expect(failure.message).toMatch(/^[A-Z“].*\.$/);
  });

  it('names what a shell was told to run, not the shell', () => {
    expect(commandName(['/bin/sh', '-c', 'no-such-program --port 1'])).toBe('no-such-program --port 1');
    expect(commandName(['/usr/bin/jupyter-lab', '--x'])).toBe('jupyter-lab');
  });

  it('names the limit only where there is one', () => {
    const killed = { ...ending, exitCode: null, signal: 'SIGKILL' as const, outOfMemory: true };
    expect(describeExit(killed)?.message).toContain('512 MiB');
    expect(describeExit({ ...killed, limited: false })?.message).not.toContain('512');
  });
});

describe('describeSpawnError', () => {
  it.each([
    ['ENOENT', false, 'command_not_found'],
    ['ENOENT', true, 'start_failed'],
    ['EACCES', true, 'start_failed'],
    ['E2BIG', true, 'start_failed'],
    ['EAGAIN', true, 'start_failed'],
  ] as const)('%s, program there: %s', (code, found, reason) => {
    const failure = describeSpawnError(Object.assign(new Error('spawn'), { code }), { command: 'app', found, at: 1 });
    expect(failure.reason).toBe(reason);
    expect(failure.retryHelps).toBe(code === 'EAGAIN');
  });
});
