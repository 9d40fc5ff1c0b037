/**
 * tRPC's set-up: the procedure ladder public → signedIn → admin, the one mapping from error codes, and correlation ids.
 * Routers stay thin: input schema, output schema, one service call.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError, z } from 'zod';
import { type ErrorCode, HTTP_STATUS, isAppError } from '../domain/errors.ts';
import { noteRefusal, noteRefusedCall } from '../services/admin/refused.ts';
import type { Deps } from '../services/deps.ts';
import { asAppError } from '../services/faults.ts';
import type { Context } from './context.ts';

type TrpcCode = TRPCError['code'];

const TRPC_CODE: Readonly<Record<ErrorCode, TrpcCode>> = {
  invalid_argument: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  permission_denied: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  already_exists: 'CONFLICT',
  failed_precondition: 'PRECONDITION_FAILED',
  conflict: 'CONFLICT',
  resource_exhausted: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  deadline_exceeded: 'GATEWAY_TIMEOUT',
  unimplemented: 'NOT_IMPLEMENTED',
  internal: 'INTERNAL_SERVER_ERROR',
};

export interface ErrorFacts {
  code: ErrorCode;
  details: Record<string, unknown> | null;
  retryable: boolean;
  correlationId: string;
  at: number;
}

const t = initTRPC.context<Context>().create({
  // No transformer: every shape that the API gives is plain JSON.
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
  errorFormatter({ shape, error, ctx }) {
    const known = isAppError(error.cause) ? error.cause : null;
    const wrongInput = error.cause instanceof ZodError && error.code === 'BAD_REQUEST' ? error.cause : null;
    const facts: ErrorFacts = {
      code: known?.code ?? (error.code === 'BAD_REQUEST' ? 'invalid_argument' : codeOf(error.code)),
      details: known?.details ?? null,
      retryable: known?.retryable ?? false,
      correlationId: ctx?.correlationId ?? '',
      at: Date.now(),
    };
    const message = wrongInput ? z.prettifyError(wrongInput) : shape.message;
    return {
      ...shape,
      message,
      data: {
        code: shape.data.code,
        httpStatus: known ? HTTP_STATUS[known.code] : shape.data.httpStatus,
        path: shape.data.path,
        facts,
      },
    };
  },
});

function codeOf(code: TrpcCode): ErrorCode {
  return (Object.keys(TRPC_CODE) as ErrorCode[]).find((key) => TRPC_CODE[key] === code) ?? 'internal';
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

/** Services throw AppErrors; anything else is a fault whose text stays in the log. */
export function asTrpcError(
  log: Deps['log'],
  cause: unknown,
  facts: { path: string; correlationId: string },
): TRPCError {
  const known = asAppError(cause);
  if (known.code === 'internal') log.error('request failed', { ...facts, error: describe(known.cause ?? known) });
  return new TRPCError({ code: TRPC_CODE[known.code], message: known.message, cause: known });
}

const mapErrors = t.middleware(async ({ next, ctx, path }) => {
  const result = await next();
  if (result.ok) return result;
  const { error } = result;
  // tRPC's own refusals have no cause; an input that does not fit is told in its own words.
  if (!error.cause || (error.cause instanceof ZodError && error.code === 'BAD_REQUEST')) return result;
  throw asTrpcError(ctx.deps.log, error.cause, { path, correlationId: ctx.correlationId });
});

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The schema of an output, checked in one go: zod compiles its checks for synchronous parsing only, and lists are long. */
export function answer<Schema extends z.ZodType>(schema: Schema): (value: unknown) => z.output<Schema> {
  return (value) => schema.parse(value);
}

export const publicProcedure = t.procedure.use(mapErrors);

/** An input that is no JSON, nested beyond reason or tampered with is the caller's mistake, not a fault of the server. */
const readable = t.middleware(async ({ next, getRawInput }) => {
  await getRawInput().catch((error: unknown) => {
    if (error instanceof TRPCError && error.code === 'PAYLOAD_TOO_LARGE') throw error;
    throw new TRPCError({
      code: 'BAD_REQUEST',
      message: 'The request could not be read. Reload the page and try again.',
    });
  });
  return next();
});

/** Inside `mapErrors`, so that services' errors are still as they were thrown. */
const noteRefusals = t.middleware(async ({ next, ctx, path, getRawInput }) => {
  const result = await next();
  if (!result.ok && ctx.actor)
    noteRefusal(ctx.deps, ctx.actor, { call: path, input: await getRawInput(), error: result.error.cause });
  return result;
});

export const signedIn = publicProcedure
  .use(({ ctx, next }) => {
    if (!ctx.actor) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in first.' });
    return next({ ctx: { ...ctx, actor: ctx.actor } });
  })
  .use(readable)
  .use(noteRefusals);

export const admin = signedIn.use(({ ctx, next, path }) => {
  if (ctx.actor.role === 'admin') return next();
  noteRefusedCall(ctx.deps, ctx.actor, path);
  throw new TRPCError({ code: 'FORBIDDEN', message: 'Only administrators may do this.' });
});
