'use client';
/** The typed API for screens: one query client, batched calls, one place where errors become facts that a screen can show. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  TRPCClientError,
} from '@trpc/client';
import { createTRPCReact, type inferReactQueryProcedureOptions } from '@trpc/react-query';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '../api/root.ts';
import type { ErrorFacts } from '../api/trpc.ts';

export const trpc = createTRPCReact<AppRouter>();
export type Outputs = inferRouterOutputs<AppRouter>;
export type Inputs = inferRouterInputs<AppRouter>;
export type QueryOptions = inferReactQueryProcedureOptions<AppRouter>;

const CALL_TIMEOUT_MS = 30_000;

function links() {
  return [
    splitLink({
      condition: (op) => op.type === 'subscription',
      true: httpSubscriptionLink({ url: '/api/trpc' }),
      false: splitLink({
        condition: ({ context }) => context.alone === true,
        true: httpLink({ url: '/api/trpc', fetch: impatient }),
        false: httpBatchLink({ url: '/api/trpc', maxURLLength: 4000, fetch: impatient }),
      }),
    }),
  ];
}

/** Context of a call that must wait for no other one. */
export const ALONE = { context: { alone: true } };

const impatient: typeof fetch = (input, init) => fetch(input, { ...init, signal: withTimeout(init?.signal ?? null) });

function withTimeout(signal: AbortSignal | null): AbortSignal {
  const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

/** For the live stream, which lives outside of React's query hooks. */
export const plainClient = createTRPCClient<AppRouter>({ links: links() });

/** What went wrong, for ErrorState: `code` is one of the product's error codes, or `offline` when no answer came. */
export interface ShownError {
  message: string;
  code: ErrorFacts['code'] | 'offline';
  retryable: boolean;
  correlationId: string | null;
  at: number;
  details: Record<string, unknown> | null;
}

export function shownError(error: unknown): ShownError {
  if (error instanceof TRPCClientError) {
    const facts: ErrorFacts | undefined = (error as TRPCClientError<AppRouter>).data?.facts;
    if (facts) return { ...facts, message: error.message };
  }
  return {
    message: 'The server did not answer. It may be restarting, or this device is offline.',
    code: 'offline',
    retryable: true,
    correlationId: null,
    at: Date.now(),
    details: null,
  };
}

/** Queries stay fresh by the live stream; nothing polls. */
export function ApiProvider({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 60_000,
            refetchOnWindowFocus: false,
            retry: (count, error) => count < 3 && shownError(error).retryable,
            retryDelay: (attempt) => Math.min(8000, 500 * 2 ** attempt),
          },
        },
      }),
  );
  const [client] = useState(() => trpc.createClient({ links: links() }));
  return (
    <trpc.Provider client={client} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
    </trpc.Provider>
  );
}
