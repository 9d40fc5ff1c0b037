/** Signed requests for the parts of one upload: asked for a few at a time and shortly before use, because they expire. */
import type { SignedPart } from './upload-api.ts';

export type SignedRequest = SignedPart['request'];

/** Enough for all that run at once, and the next of each. */
const BATCH = 8;
/** The server signs for an hour; a part must be on its way well before. */
const FRESH_MS = 40 * 60_000;

interface Signature {
  request: Promise<SignedRequest>;
  at: number;
}

interface Options {
  sign: (numbers: number[]) => Promise<readonly SignedPart[]>;
  /** All parts to be sent, in order. */
  numbers: readonly number[];
  now: () => number;
}

export class PartSignatures {
  readonly #options: Options;
  readonly #signatures = new Map<number, Signature>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** @throws what `sign` throws */
  of(number: number): Promise<SignedRequest> {
    const known = this.#signatures.get(number);
    if (known && this.#options.now() - known.at < FRESH_MS) return known.request;
    return this.#sign(number);
  }

  /** The next request for this part is signed anew. */
  drop(number: number): void {
    this.#signatures.delete(number);
  }

  #sign(number: number): Promise<SignedRequest> {
    const { sign, numbers, now } = this.#options;
    const later = numbers.slice(numbers.indexOf(number) + 1).filter((one) => !this.#signatures.has(one));
    const batch = [number, ...later.slice(0, BATCH - 1)];
    const at = now();
    const signed = sign(batch);
    const requestOf = async (one: number): Promise<SignedRequest> => {
      const mine = (await signed).find((part) => part.number === one);
      if (!mine) throw new Error(`Part ${one} was not signed.`);
      return mine.request;
    };
    for (const one of batch) {
      const request = requestOf(one);
      this.#signatures.set(one, { request, at });
      // Whoever needs it sees the failure; for the others it is not unhandled, and they ask again.
      request.catch(() => this.#signatures.delete(one));
    }
    return this.of(number);
  }
}
