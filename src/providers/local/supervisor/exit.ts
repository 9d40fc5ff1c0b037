/** From how a process ended to what a person is told. Pure. */
import type { Failure, FailureReason } from '../../../domain/environment.ts';

export interface Ending {
  /** The command as the person knows it. */
  command: string;
  /** Whether the application had become ready before. */
  wasReady: boolean;
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** Whether the kernel ended a process of this machine or group for lack of memory meanwhile. */
  outOfMemory: boolean;
  memoryMiB: number;
  /** Whether the machine really holds that limit. */
  limited: boolean;
  at: number;
}

/** Shells report a child killed by SIGKILL as 128 + 9, a program that they cannot execute and one that they cannot find (POSIX). */
const KILLED = 137;
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/** The command as the person knows it: what a shell was told to run rather than the shell. */
export function commandName(argv: readonly string[]): string {
  const [program = '', flag, script] = argv;
  const text = flag === '-c' && script !== undefined ? script : program.slice(program.lastIndexOf('/') + 1);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function failure(reason: FailureReason, message: string, rest: Partial<Failure> & { at: number }): Failure {
  return { reason, message, step: 'started', exitCode: null, signal: null, retryHelps: false, ...rest };
}

/** The application ended by itself; null = in good order (it was ready and answered 0). */
export function describeExit(ending: Ending): Failure | null {
  const { command, wasReady, exitCode, signal, at } = ending;
  const facts = { step: wasReady ? ('ready' as const) : ('started' as const), exitCode, signal, at };
  if (ending.outOfMemory && (signal === 'SIGKILL' || exitCode === KILLED)) {
    const cause = ending.limited
      ? `It needed more than its ${ending.memoryMiB} MiB of memory`
      : 'The machine ran out of memory';
    return failure('out_of_memory', `${cause} and was ended. Choose a larger size or work on less data at once.`, {
      ...facts,
      retryHelps: true,
    });
  }
  if (signal !== null) {
    return failure(
      'killed_by_signal',
      `“${command}” was ended from outside by ${signal}. Your files are safe; start it again.`,
      {
        ...facts,
        retryHelps: true,
      },
    );
  }
  if (!wasReady && exitCode === NOT_FOUND) {
    return failure(
      'command_not_found',
      `“${command}” was not found on this machine. Check its spelling or install it.`,
      facts,
    );
  }
  if (!wasReady && exitCode === NOT_EXECUTABLE) {
    return failure('start_failed', `“${command}” is there but cannot be executed. Check its rights.`, facts);
  }
  if (!wasReady) {
    return failure(
      'exited_early',
      `“${command}” ended before it was ready (exit code ${exitCode}). The log shows what it said.`,
      facts,
    );
  }
  if (exitCode === 0) return null;
  return failure(
    'crashed',
    `“${command}” ended unexpectedly (exit code ${exitCode}). The log shows what it said; your files are safe.`,
    {
      ...facts,
      retryHelps: true,
    },
  );
}

/** The system refused to start the program at all. */
export function describeSpawnError(
  error: NodeJS.ErrnoException,
  { command, found, at }: { command: string; found: boolean; at: number },
): Failure {
  if (error.code === 'ENOENT' && !found) {
    return failure(
      'command_not_found',
      `“${command}” is not installed on this machine. Check its spelling or install it.`,
      { at },
    );
  }
  if (error.code === 'ENOENT') {
    return failure('start_failed', `“${command}” cannot start: the interpreter that its first line names is missing.`, {
      at,
    });
  }
  if (error.code === 'EACCES') {
    return failure('start_failed', `“${command}” cannot start: the file is not executable for this account.`, { at });
  }
  if (error.code === 'E2BIG') {
    return failure(
      'start_failed',
      `“${command}” cannot start: its arguments and environment variables are too large.`,
      { at },
    );
  }
  return failure(
    'start_failed',
    `“${command}” cannot start (${error.code ?? error.message}). The machine may be overloaded; try again.`,
    {
      at,
      retryHelps: true,
    },
  );
}

export function describeNotReady({
  command,
  where,
  timeoutMs,
  at,
}: {
  command: string;
  where: string;
  timeoutMs: number;
  at: number;
}): Failure {
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  return failure(
    'not_ready_in_time',
    `“${command}” did not answer on ${where} within ${seconds} s and was stopped. It must listen exactly there.`,
    { step: 'ready', at, retryHelps: true },
  );
}

export function describeMissingWorkspace(at: number): Failure {
  return failure(
    'storage_unavailable',
    'The folder of its storage is missing on this machine. Check the storage page.',
    {
      step: 'storage',
      at,
      retryHelps: true,
    },
  );
}

export function describeTakenPorts(at: number): Failure {
  return failure(
    'start_failed',
    'Every network port it was given had been taken by another program meanwhile. Try again.',
    {
      at,
      retryHelps: true,
    },
  );
}

/** Somebody ended the supervisor itself in good order: the machine shuts down, a service manager cleans up. */
export function describeEndedFromOutside(signal: NodeJS.Signals, at: number): Failure {
  return failure(
    'lost',
    'It was ended together with the machine or its service. Your files are safe; start it again.',
    {
      step: 'ready',
      signal,
      at,
      retryHelps: true,
    },
  );
}

/** The supervisor has gone without a word. */
export function describeLost(at: number): Failure {
  return failure(
    'lost',
    'The environment disappeared: its machine was restarted or its process was ended from outside. Your files are safe; start it again.',
    { step: 'ready', at, retryHelps: true },
  );
}

export function describeInternal(at: number): Failure {
  return failure(
    'internal',
    'Its supervisor met an unexpected fault and stopped it. Your files are safe; start it again.',
    {
      step: 'ready',
      at,
      retryHelps: true,
    },
  );
}
