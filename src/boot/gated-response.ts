/**
 * The one response wrapper of the process: whatever a handler writes waits at the database's gate, so that nothing which may
 * have seen an undurable row leaves early. Default deny: a handler that truly depends on no row (static assets, health,
 * environment traffic, whose authorisation already waited) says so with `exempt`.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import { replaceByAbsence } from './replica/absence.ts';

export interface Gate {
  readonly settled: boolean;
  gate(): Promise<void>;
}

type Callback = (error?: Error | null) => void;
type Chunk = string | Uint8Array;

export function gatedResponse(db: Gate): typeof ServerResponse<IncomingMessage> {
  return class GatedResponse extends ServerResponse<IncomingMessage> {
    #exempt = false;
    #held: (() => void)[] | null = null;
    /** Something of it is on its way, so that nothing else can stand in its place. */
    #begun = false;

    exempt(): void {
      this.#exempt = true;
    }

    /** Runs `send` now when nothing waits, else in order once the gate opens; a gate that fails ends the connection with a 503. */
    #pass(send: () => void): boolean {
      if (this.#held) {
        this.#held.push(send);
        return false;
      }
      if (this.#exempt || db.settled) {
        this.#begun = true;
        send();
        return true;
      }
      this.#held = [send];
      void this.#open();
      return false;
    }

    async #open(): Promise<void> {
      try {
        // Handlers may commit more while earlier output waits: every piece goes out only when all before it is durable.
        while (!db.settled) await db.gate();
      } catch {
        // What the handler says further has nobody to hear it.
        this.#held = [];
        if (this.#begun) this.destroy();
        else replaceByAbsence(this);
        return;
      }
      const held = this.#held ?? [];
      this.#held = null;
      this.#begun = true;
      for (const send of held) send();
      this.emit('drain');
    }

    override write(chunk: Chunk, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
      let flushed = true;
      const passed = this.#pass(() => {
        flushed =
          typeof encoding === 'function'
            ? super.write(chunk, encoding)
            : super.write(chunk, encoding ?? 'utf8', callback);
      });
      return passed && flushed;
    }

    override end(chunk?: Chunk | (() => void), encoding?: BufferEncoding | (() => void), callback?: () => void): this {
      this.#pass(() => {
        if (typeof chunk === 'function') super.end(chunk);
        else if (typeof encoding === 'function') super.end(chunk, encoding);
        else super.end(chunk, encoding ?? 'utf8', callback);
      });
      return this;
    }

    override flushHeaders(): void {
      this.#pass(() => super.flushHeaders());
    }
  };
}

/** Lets this response pass without waiting: only for what depends on no row of the database. */
export function exempt(res: ServerResponse): void {
  if ('exempt' in res && typeof res.exempt === 'function') res.exempt();
}
