/** The AppErrors with which the portable wrapper refuses a call before any driver sees it. */
import { AppError, type ErrorCode } from '../../domain/errors.ts';

export function notApplied(code: ErrorCode, message: string, details: Record<string, unknown> = {}): AppError {
  return new AppError(code, message, { details: { ...details, outcome: 'not_applied' } });
}

export function invalid(field: string, message: string): AppError {
  return notApplied('invalid_argument', message, { field });
}

/** @param what completes "This storage cannot …" */
export function lacking(what: string): AppError {
  return notApplied('unimplemented', `This storage cannot ${what}.`);
}
