/**
 * The one error type of the house. Drivers classify, services throw, the API maps a code to tRPC and HTTP in one table.
 * Branch on `code` (use `isAppError`), never on `instanceof`: several module graphs live in one process.
 */
export const ERROR_CODES = [
  'invalid_argument',
  'unauthenticated',
  'permission_denied',
  'not_found',
  'already_exists',
  'failed_precondition',
  'conflict',
  'resource_exhausted',
  'unavailable',
  'deadline_exceeded',
  'unimplemented',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface AppErrorInit {
  /** Machine-readable facts, safe to show to the user. Storage errors carry `outcome: 'not_applied' | 'unknown'`. */
  details?: Record<string, unknown>;
  /** For logs only; never shown. */
  cause?: unknown;
  /** Whether the same call may succeed later without the caller changing anything. Default: true for unavailable and deadline_exceeded. */
  retryable?: boolean;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  readonly retryable: boolean;

  /** @param message One or two sentences, safe for users: what happened and what to do. */
  constructor(code: ErrorCode, message: string, init: AppErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = init.details;
    this.retryable = init.retryable ?? (code === 'unavailable' || code === 'deadline_exceeded');
  }
}

const CODES: ReadonlySet<unknown> = new Set(ERROR_CODES);

export function isAppError(value: unknown): value is AppError {
  return value instanceof Error && value.name === 'AppError' && 'code' in value && CODES.has(value.code);
}

/** Any thrown value as an AppError: AppErrors pass through, everything else becomes `internal` with the original as cause. */
export function toAppError(value: unknown): AppError {
  if (isAppError(value)) return value;
  return new AppError('internal', 'Something went wrong on the server. The log holds the details.', { cause: value });
}

/** HTTP status of each code: the one table that the API, the gateway and the file routes share. */
export const HTTP_STATUS: Readonly<Record<ErrorCode, number>> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  failed_precondition: 412,
  conflict: 409,
  resource_exhausted: 429,
  unavailable: 503,
  deadline_exceeded: 504,
  unimplemented: 501,
  internal: 500,
};
