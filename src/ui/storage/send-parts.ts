/**
 * Sends one large file in parts: straight to the store where it signs requests, else through the server, several parts at a
 * time. What is there already is not sent again, so that a paused or broken upload goes on. Loaded with the first large file.
 */
import type { UploadId } from '../../domain/ids.ts';
import { bytesOf, missingParts, type Part, planParts, type Taken } from './part-plan.ts';
import { PartSignatures } from './part-signatures.ts';
import type { PutRequest } from './put-bytes.ts';
import type { SendJob } from './send-file.ts';
import { type UploadApi, UploadFault, type UploadRef } from './upload-api.ts';
import { resultOf, type SendResult, type SendTools, untilAnswered, untilTaken } from './upload-attempts.ts';
import type { UploadSession } from './upload-queue.ts';
import { ATTEMPTS, type PutAnswer, waitBefore } from './upload-retry.ts';

/** Of one file; the slots bound them all together. */
const PARTS_AT_ONCE = 4;
const SILENCE_MS = 90_000;
/** How often the server may find parts missing before something else must be wrong. */
const ROUNDS = 3;

export interface PartsJob extends SendJob {
  /** Begun before: only what is missing is sent. */
  session: UploadSession | null;
  onSession: (session: UploadSession) => void;
  onTaken: (uploadId: UploadId, part: number) => void;
  /** What `onTaken` was called with, in this page or an earlier one. */
  taken: (uploadId: UploadId) => Taken;
  /** All bytes are there; from now on it ends by itself. */
  onFinishing: () => void;
}

export async function sendParts(job: PartsJob, tools: SendTools): Promise<SendResult> {
  try {
    const opened = await open(job, tools);
    const sender = new PartSender(job, tools, opened.session);
    let missing = opened.missing;
    for (let round = 1; ; round++) {
      await sender.send(missing);
      job.signal.throwIfAborted();
      job.onFinishing();
      const refusal = await finish(job, tools, sender.ref);
      if (refusal === null) return { kind: 'done' };
      if (refusal.code !== 'failed_precondition' || round === ROUNDS) throw refusal;
      missing = await stillMissing(job, tools, opened.session);
      if (missing.length === 0) throw refusal;
    }
  } catch (error) {
    return resultOf(error, job.signal);
  }
}

interface Opened {
  session: UploadSession;
  missing: Part[];
}

/** Goes on with the upload that was begun; when the store has tidied it up, or there is none, begins one. */
async function open(job: PartsJob, tools: SendTools): Promise<Opened> {
  const { storageId, key, file, replace, session: begun, signal, onSession } = job;
  try {
    if (begun) return { session: begun, missing: await stillMissing(job, tools, begun) };
  } catch (error) {
    if (!(error instanceof UploadFault && error.code === 'not_found')) throw error;
  }
  const input = { id: storageId, key, sizeBytes: file.size, contentType: file.type || undefined, replace };
  const { uploadId, partSizeBytes, direct } = await untilAnswered(() => tools.api.start(input), signal, tools);
  const session = { uploadId, partSizeBytes, direct };
  onSession(session);
  signal.throwIfAborted();
  return { session, missing: planParts({ sizeBytes: file.size, partSizeBytes }) };
}

async function stillMissing(
  { storageId, file, signal, taken }: PartsJob,
  tools: SendTools,
  { uploadId, partSizeBytes }: UploadSession,
): Promise<Part[]> {
  const stored = await untilAnswered(() => tools.api.parts({ id: storageId, uploadId }), signal, tools);
  return missingParts(planParts({ sizeBytes: file.size, partSizeBytes }), stored, taken(uploadId));
}

/** The signal does not end it: whether the file is there must be known. @returns null, or why the server did not put it together */
async function finish(job: PartsJob, { api, wait, random }: SendTools, ref: UploadRef): Promise<UploadFault | null> {
  for (let failures = 0; ; ) {
    try {
      await api.complete(ref, { replace: job.replace });
      return null;
    } catch (error) {
      if (!(error instanceof UploadFault)) throw error;
      // The answer to an earlier attempt was lost, not the file.
      if (error.code === 'not_found' && failures > 0 && (await hasArrived(job, api))) return null;
      failures += 1;
      if (!error.retryable || failures >= ATTEMPTS) return error;
    }
    await wait(waitBefore(failures, null, random()), new AbortController().signal);
  }
}

async function hasArrived({ storageId, key, file }: PartsJob, api: UploadApi): Promise<boolean> {
  return (await api.sizeOf(storageId, key)) === file.size;
}

/** The parts of one upload on their way. */
class PartSender {
  readonly ref: UploadRef;
  readonly #job: PartsJob;
  readonly #tools: SendTools;
  readonly #underWay = new Map<number, number>();
  #direct: boolean;
  /** The store itself has taken a part from here: what fails later is the connection. */
  #reached = false;
  #sentBytes = 0;

  constructor(job: PartsJob, tools: SendTools, { uploadId, direct }: UploadSession) {
    this.#job = job;
    this.#tools = tools;
    this.ref = { id: job.storageId, uploadId };
    this.#direct = direct && !tools.indirect.has(job.storageId);
  }

  /** @throws as `untilTaken` does, once none is under way any more */
  async send(parts: readonly Part[]): Promise<void> {
    const { file, signal } = this.#job;
    this.#sentBytes = file.size - bytesOf(parts);
    this.#tell();
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const signatures = this.#signaturesFor(parts, either);
    const queue = parts.values();
    const work = async () => {
      for (const part of queue) await this.#deliver(part, signatures, either);
    };
    const workers = Array.from({ length: PARTS_AT_ONCE }, () =>
      work().catch((error: unknown) => {
        if (!either.aborted) failed.abort(error);
      }),
    );
    await Promise.all(workers);
    this.#underWay.clear();
    this.#tell();
    signal.throwIfAborted();
    if (failed.signal.aborted) throw failed.signal.reason;
  }

  #signaturesFor(parts: readonly Part[], signal: AbortSignal): PartSignatures {
    const { api, now } = this.#tools;
    return new PartSignatures({
      numbers: parts.map(({ number }) => number),
      sign: (numbers) => untilAnswered(() => api.signParts(this.ref, numbers), signal, this.#tools),
      now,
    });
  }

  async #deliver(part: Part, signatures: PartSignatures, signal: AbortSignal): Promise<void> {
    const bytes = this.#job.file.slice(part.start, part.end);
    let direct = false;
    let signedAnew = false;
    await untilTaken(
      async () => {
        const request = await this.#request(part, signatures);
        direct = request.direct;
        return this.#put(part, request, { bytes, signal });
      },
      {
        bytes,
        signal,
        otherWay: (verdict, status, failures) => {
          this.#moved(part, 0);
          if (!direct) return false;
          signatures.drop(part.number);
          if (verdict.kind === 'refused' && !signedAnew) {
            signedAnew = true;
            return true;
          }
          const unreachable = status === 0 && !this.#reached;
          if (verdict.kind === 'again' && !unreachable && failures < ATTEMPTS) return false;
          // From now on through the server; it also has the words for what is wrong.
          this.#direct = false;
          if (unreachable) this.#tools.indirect.add(this.ref.id);
          return true;
        },
      },
      this.#tools,
    );
    if (direct) this.#reached = true;
    this.#job.onTaken(this.ref.uploadId, part.number);
    this.#underWay.delete(part.number);
    this.#sentBytes += bytes.size;
    this.#tell();
  }

  async #request({ number }: Part, signatures: PartSignatures): Promise<PutRequest & { direct: boolean }> {
    if (this.#direct) {
      try {
        const { url, headers } = await signatures.of(number);
        return { direct: true, url, headers, silenceMs: SILENCE_MS };
      } catch (error) {
        if (!(error instanceof UploadFault && error.code === 'unimplemented')) throw error;
        this.#direct = false;
      }
    }
    return { direct: false, url: partUrl(this.ref, number), headers: {}, silenceMs: SILENCE_MS };
  }

  #put(part: Part, request: PutRequest, sent: { bytes: Blob; signal: AbortSignal }): Promise<PutAnswer> {
    const { slots, put } = this.#tools;
    const { bytes, signal } = sent;
    const onProgress = (sentBytes: number) => this.#moved(part, Math.min(sentBytes, bytes.size));
    return slots.run(signal, () => put(request, bytes, { signal, onProgress }));
  }

  #moved({ number }: Part, sentBytes: number): void {
    this.#underWay.set(number, sentBytes);
    this.#tell();
  }

  #tell(): void {
    let sentBytes = this.#sentBytes;
    for (const bytes of this.#underWay.values()) sentBytes += bytes;
    this.#job.onProgress(sentBytes);
  }
}

function partUrl({ id, uploadId }: { id: string; uploadId: UploadId }, number: number): string {
  return `/api/storages/${id}/uploads/${uploadId}/${number}`;
}
