/** What the files of the portable wrapper share about one bucket. */
import type { Attempts, Call, RetryPolicy } from './attempts.ts';
import type { BucketDriver } from './driver.ts';
import type { PutCondition } from './storage.ts';

export interface BucketParts {
  driver: BucketDriver;
  attempts: Attempts;
  policy: RetryPolicy;
}

export interface Ground extends BucketParts {
  /** One call of the driver, repeated as `call.repeat` says ('always' when it does not). */
  run<T>(operation: string, call: Partial<Call>, attempt: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** @throws unimplemented, invalid_argument */
  checkCondition(condition: PutCondition | undefined): void;
}
