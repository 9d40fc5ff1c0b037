/** Any fault as the product's error: database codes are mapped here, once. */
import { AppError, type ErrorCode, toAppError } from '../domain/errors.ts';

const DATABASE_CODES: Readonly<Record<string, ErrorCode>> = {
  full: 'resource_exhausted',
  read_only: 'unavailable',
  newer_schema: 'failed_precondition',
  corrupt: 'internal',
  constraint: 'conflict',
  not_durable: 'unavailable',
  failed: 'internal',
};

export function asAppError(error: unknown): AppError {
  if (error instanceof Error && error.name === 'DatabaseError' && 'code' in error) {
    const code = DATABASE_CODES[String(error.code)] ?? 'internal';
    const message =
      code === 'internal' || code === 'conflict'
        ? 'The database refused the change. The log holds the details.'
        : error.message;
    return new AppError(code, message, { cause: error });
  }
  return toAppError(error);
}
