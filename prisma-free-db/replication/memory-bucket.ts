/**
 * A strict bucket in memory, and the faults of real ones by script: for tests, the model and the kill harness. Every request passes a
 * turn of the event loop before and after it is applied, as with a network, and is applied in one step.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyPage, LogBucket, StoredObject } from './bucket.ts';
import { Ambiguous } from './errors.ts';

/**
 * unavailable, conflict, not-applied: 503, 409, a request that never arrived; nothing changed. answer-lost: applied, the answer did
 * not come back. late: no answer, and the request arrives at `land()`. twice: applied and answered, and a copy arrives at `land()`.
 * exists: refused as if the condition failed, though nothing was applied. own-exists: applied, then refused because of itself.
 * Two are beyond the contract, for proving that such a store is refused: ignores-condition, stale (lists without the last change).
 */
export type FaultName =
  | 'unavailable'
  | 'conflict'
  | 'not-applied'
  | 'answer-lost'
  | 'late'
  | 'twice'
  | 'exists'
  | 'own-exists'
  | 'ignores-condition'
  | 'stale';

export type Operation = 'putIfAbsent' | 'putIfMatch' | 'get' | 'list' | 'delete';

export interface Request {
  readonly operation: Operation;
  /** For lists the prefix. */
  readonly key: string;
}

/** What happens to one request; `before` and `after` let others act around the moment it is applied, or make it slow. */
export interface Fault {
  readonly name?: FaultName;
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
}

export type FaultPlan = (request: Request) => Fault | FaultName | undefined;

/** Steps in order; each is used by the first request that fits it, `times` times (once unless told). */
export function scripted(steps: readonly ScriptStep[]): FaultPlan {
  const open = steps.map((step) => ({ ...step, left: step.times ?? 1 }));
  return ({ operation, key }) => {
    const step = open.find(
      (each) => each.left > 0 && each.on === operation && (each.key === undefined || each.key === key),
    );
    if (!step) return undefined;
    step.left -= 1;
    return step.fault;
  };
}

export interface ScriptStep {
  readonly on: Operation;
  readonly key?: string;
  readonly fault: Fault | FaultName;
  readonly times?: number;
}

interface Change {
  readonly key: string;
  readonly existed: boolean;
}

/** How one kind of request is applied and what it answers; `refused` is its answer when a condition fails. */
interface Handling<T> {
  readonly apply: (unconditional: boolean) => T;
  readonly refused?: T;
}

export class MemoryBucket implements LogBucket {
  /** Replaced by tests at any time. */
  faults: FaultPlan;
  /** Requests so far, by operation. */
  readonly requests: Record<Operation, number> = { putIfAbsent: 0, putIfMatch: 0, get: 0, list: 0, delete: 0 };
  readonly #objects = new Map<string, StoredObject>();
  readonly #pageSize: number;
  #etags = 0;
  #late: (() => void)[] = [];
  #lastChange: Change | null = null;

  constructor({ faults, pageSize }: { faults?: FaultPlan; pageSize?: number } = {}) {
    this.faults = faults ?? (() => undefined);
    this.#pageSize = pageSize ?? 1_000;
  }

  putIfAbsent(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    const copy = Uint8Array.from(bytes);
    return this.#serve<'created' | 'exists'>(
      { operation: 'putIfAbsent', key },
      {
        refused: 'exists',
        apply: (unconditional) => {
          if (this.#objects.has(key) && !unconditional) return 'exists';
          this.#set(key, copy);
          return 'created';
        },
      },
    );
  }

  putIfMatch(key: string, bytes: Uint8Array, etag: string | null): Promise<string | null> {
    const copy = Uint8Array.from(bytes);
    return this.#serve<string | null>(
      { operation: 'putIfMatch', key },
      {
        refused: null,
        apply: (unconditional) => {
          const present = this.#objects.get(key)?.etag ?? null;
          return present === etag || unconditional ? this.#set(key, copy) : null;
        },
      },
    );
  }

  get(key: string): Promise<StoredObject | null> {
    return this.#serve<StoredObject | null>(
      { operation: 'get', key },
      {
        apply: () => {
          const found = this.#objects.get(key);
          return found ? { bytes: Uint8Array.from(found.bytes), etag: found.etag } : null;
        },
      },
    );
  }

  list(prefix: string, after: string | null): Promise<KeyPage> {
    return this.#serve<KeyPage>(
      { operation: 'list', key: prefix },
      {
        apply: (stale) => {
          const keys = new Set(this.#objects.keys());
          const last = stale ? this.#lastChange : null;
          if (last?.existed) keys.add(last.key);
          else if (last) keys.delete(last.key);
          const found = [...keys].filter((key) => key.startsWith(prefix) && (after === null || key > after)).sort();
          return { keys: found.slice(0, this.#pageSize), more: found.length > this.#pageSize };
        },
      },
    );
  }

  delete(key: string): Promise<void> {
    return this.#serve<void>({ operation: 'delete', key }, { apply: () => this.remove(key) });
  }

  /** Late requests arrive now, in the order they were sent. */
  land(): void {
    const due = this.#late;
    this.#late = [];
    for (const apply of due) apply();
  }

  /** What lies there, past all faults. */
  peek(key: string): Uint8Array | null {
    return this.#objects.get(key)?.bytes ?? null;
  }

  keys(): string[] {
    return [...this.#objects.keys()].sort();
  }

  /** Puts or damages an object behind everyone's back. */
  poke(key: string, bytes: Uint8Array): void {
    this.#set(key, Uint8Array.from(bytes));
  }

  remove(key: string): void {
    if (this.#objects.delete(key)) this.#lastChange = { key, existed: true };
  }

  #set(key: string, bytes: Uint8Array): string {
    this.#lastChange = { key, existed: this.#objects.has(key) };
    this.#etags += 1;
    const etag = `v${this.#etags}`;
    this.#objects.set(key, { bytes, etag });
    return etag;
  }

  async #serve<T>(request: Request, { apply, refused }: Handling<T>): Promise<T> {
    this.requests[request.operation] += 1;
    const planned = this.faults(request);
    const fault: Fault = typeof planned === 'string' ? { name: planned } : (planned ?? {});
    await nextTurn();
    await fault.before?.();
    const answer = this.#outcome(request, fault.name, { apply, refused });
    await fault.after?.();
    await nextTurn();
    return answer();
  }

  /** Applies the request, if it arrives, and says how to answer it. */
  #outcome<T>(request: Request, name: FaultName | undefined, { apply, refused }: Handling<T>): () => T {
    const unanswered = (): never => {
      throw new Ambiguous(`${request.operation} ${request.key}: ${name}`);
    };
    const refusal = (): T => (refused === undefined ? unanswered() : refused);
    switch (name) {
      case 'unavailable':
      case 'conflict':
      case 'not-applied':
        return unanswered;
      case 'answer-lost':
        apply(false);
        return unanswered;
      case 'late':
        this.#late.push(() => apply(false));
        return unanswered;
      case 'twice':
        this.#late.push(() => apply(false));
        break;
      case 'exists':
        return refusal;
      case 'own-exists':
        apply(false);
        return refusal;
      case 'ignores-condition':
      case 'stale': {
        const answer = apply(true);
        return () => answer;
      }
    }
    const answer = apply(false);
    return () => answer;
  }
}
