/** Any fault as the product's error: database codes are mapped here, once. */
import { AppError, type ErrorCode, toAppError } from '../domain/errors.ts';

const DATABASE_CODES: Readonly<Record<string, ErrorCode>> = {
  full: 'resource_exhausted',
  read_only: 'unavailable',
  newer_schema: 'failed_precondition',
  corrupt: 'internal',
  constraint: 'conflict',
  unavailable: 'unavailable',
  not_leader: 'unavailable',
  not_durable: 'unavailable',
  failed: 'internal',
};

/** Codes that say whether anything happened. */
const OUTCOMES: Readonly<Record<string, 'not_applied' | 'unknown'>> = {
  unavailable: 'not_applied',
  not_leader: 'not_applied',
  not_durable: 'unknown',
};

/** Errors that may pass by themselves carry `retryAfterSeconds`, and `outcome` where it matters whether anything happened. */
export function asAppError(error: unknown): AppError {
  if (error instanceof Error && error.name === 'DatabaseError' && 'code' in error) {
    const code = DATABASE_CODES[String(error.code)] ?? 'internal';
    const message =
      code === 'internal' || code === 'conflict'
        ? 'The database refused the change. The log holds the details.'
        : error.message;
    const outcome = OUTCOMES[String(error.code)];
    const retryAfterSeconds = 'retryAfterSeconds' in error ? error.retryAfterSeconds : null;
    const details = {
      ...(outcome && { outcome }),
      ...(typeof retryAfterSeconds === 'number' && { retryAfterSeconds }),
    };
    return new AppError(code, message, { cause: error, ...(Object.keys(details).length > 0 && { details }) });
  }
  return toAppError(error);
}
