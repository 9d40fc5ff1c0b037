/** What the operating system's refusals mean to a person who keeps files here. Called by the portable wrapper and by this folder. */
import { AppError, type ErrorCode } from '../../../domain/errors.ts';
import type { Classified, Outcome } from '../../../ports/storage/driver.ts';

const KNOWN: Readonly<Record<string, Classified>> = {
  ENOSPC: refusal(
    'resource_exhausted',
    'The disk of this machine is full; nothing was stored. Free some space and try again.',
  ),
  EDQUOT: refusal(
    'resource_exhausted',
    'The disk quota of this machine is used up; nothing was stored. Free some space and try again.',
  ),
  EFBIG: refusal('resource_exhausted', 'The file is larger than this machine allows.'),
  EROFS: refusal(
    'failed_precondition',
    'The data folder is on a read-only disk. Make it writable, or choose another data folder.',
  ),
  EACCES: refusal(
    'permission_denied',
    'This machine does not let the server use that file or folder. Check its permissions.',
  ),
  EPERM: refusal(
    'permission_denied',
    'This machine does not let the server change that file or folder. Check its permissions.',
  ),
  ENAMETOOLONG: refusal('invalid_argument', 'The name is longer than the disk of this machine can carry.'),
  EILSEQ: refusal('invalid_argument', 'The disk of this machine cannot carry that name.'),
  EINVAL: refusal('invalid_argument', 'The disk of this machine cannot carry that name.'),
  ELOOP: refusal('failed_precondition', 'A symbolic link is in the way. Links are not followed.'),
  ENOTDIR: refusal('failed_precondition', 'A file is in the way where a folder is needed.'),
  EISDIR: refusal('failed_precondition', 'There is a folder of that name.'),
  ENOENT: refusal('conflict', 'Somebody removed or replaced the folder in the meantime. Try again.', true),
  EXDEV: refusal(
    'failed_precondition',
    'Another disk is mounted inside the data folder; files cannot be put in place there.',
  ),
  ETXTBSY: refusal('failed_precondition', 'The file is being executed.'),
  EMFILE: refusal('unavailable', 'The server has too many open files. Try again in a moment.', true),
  ENFILE: refusal('unavailable', 'This machine has too many open files. Try again in a moment.', true),
  ENOMEM: refusal('unavailable', 'This machine is out of memory. Try again in a moment.', true),
  EBUSY: refusal('unavailable', 'The disk is busy with that file. Try again in a moment.', true),
  EIO: {
    code: 'unavailable',
    message: 'The disk of this machine reports an error.',
    outcome: 'unknown',
    retryable: false,
  },
  ESTALE: {
    code: 'unavailable',
    message: 'The disk went away for a moment. Try again.',
    outcome: 'unknown',
    retryable: true,
  },
};

function refusal(code: ErrorCode, message: string, retryable = false): Classified {
  return { code, message, outcome: 'not_applied', retryable };
}

export function errnoOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

export function classify(error: unknown): Classified | null {
  return KNOWN[errnoOf(error) ?? ''] ?? null;
}

/** An AppError of this folder for a call that changed nothing. */
export function refused(code: ErrorCode, message: string, details: Record<string, unknown> = {}): AppError {
  return new AppError(code, message, { details: { ...details, outcome: 'not_applied' satisfies Outcome } });
}

/** Runs what comes after the change became visible: its failures leave the outcome open. */
export async function afterChange<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const known = classify(cause);
    throw new AppError(known?.code ?? 'internal', known?.message ?? 'The disk did not confirm the change.', {
      details: { outcome: 'unknown' satisfies Outcome },
      cause,
    });
  }
}

/** Awaits and turns the given errno codes into null. */
export async function unless<T>(codes: readonly string[], work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}
