/**
 * Uploads of one page: their queue, their files and their transfers, whatever screen is shown. It decides when what is sent; how
 * is up to send-file.ts and send-parts.ts. Knows neither React nor the browser's events: those who mount it pass them on.
 */
import { randomText, type StorageId, type UploadId } from '../../domain/ids.ts';
import { keyFault } from '../../domain/storage.ts';
import type { FileToUpload } from './dropped-files.ts';
import { certain, WHOLE_UP_TO_BYTES } from './part-plan.ts';
import { sendFile } from './send-file.ts';
import type { UnfinishedUpload } from './upload-api.ts';
import type { SendResult, SendTools } from './upload-attempts.ts';
import {
  isRunning,
  type QueueEvent,
  queueReducer,
  startable,
  type Upload,
  type UploadProgress,
} from './upload-queue.ts';
import { SpeedMeter } from './upload-speed.ts';
import type { UploadTraces } from './upload-traces.ts';

/** A browser allows six connections to a host; the live stream and ordinary calls need the rest. */
export const REQUESTS_AT_ONCE = 4;
/** What transfers report is shown this often, not with each of hundreds of reports a second. */
const SHOW_EVERY_MS = 150;
/** Each is asked for what is there of it. */
const UNFINISHED_SHOWN = 20;

export interface UploadTarget {
  storageId: StorageId;
  storageName: string;
  /** Empty or ending in a slash. */
  folder: string;
}

export interface UploadsShown {
  queue: readonly Upload[];
  /** Of all together; null while it is not known. */
  bytesPerSecond: number | null;
  online: boolean;
}

interface EngineOptions extends SendTools {
  traces: UploadTraces;
  /** A file arrived in this storage. */
  onStored: (id: StorageId) => void;
}

export class UploadEngine {
  readonly #options: EngineOptions;
  readonly #files = new Map<string, File>();
  readonly #running = new Map<string, AbortController>();
  readonly #sent = new Map<string, number>();
  readonly #meters = new Map<string, SpeedMeter>();
  #total = new SpeedMeter();
  #movedBytes = 0;
  #showing: ReturnType<typeof setTimeout> | null = null;
  readonly #looked = new Set<StorageId>();
  /** Storages that take files in one piece only. */
  readonly #whole = new Set<StorageId>();
  readonly #listeners = new Set<() => void>();
  #queue: readonly Upload[] = [];
  #online = true;
  #shown: UploadsShown = { queue: [], bytesPerSecond: null, online: true };

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** As of the last call of the listeners. */
  readonly shown = (): UploadsShown => this.#shown;

  readonly add = (found: readonly FileToUpload[], target: UploadTarget): void => {
    const uploads = found.flatMap(({ file, path }): Upload[] => {
      const key = target.folder + path;
      const begun = this.#queue.find(
        (upload) => upload.state === 'unfinished' && upload.storageId === target.storageId && upload.key === key,
      );
      if (begun && this.#fits(begun, file) === 'surely') {
        this.#goOn(begun.id, file);
        return [];
      }
      const id = randomText(12);
      this.#files.set(id, file);
      const fault = keyFault(key);
      return [
        {
          ...{ ...target, id, path, key, sizeBytes: file.size, sentBytes: 0, bytesPerSecond: null },
          ...{ session: null, begunAt: null, replace: false, keepBoth: 0 },
          state: fault ? 'failed' : 'waiting',
          problem: fault ? { kind: 'said', message: fault } : null,
        },
      ];
    });
    this.act({ type: 'add', uploads });
  };

  /** The file of an unfinished upload, chosen by the person. */
  readonly choose = (id: string, file: File): void => {
    const upload = this.#find(id);
    if (!upload) return;
    if (this.#fits(upload, file) === 'not') this.act({ type: 'wrongFile', id });
    else this.#goOn(id, file);
  };

  /** What the person decided about the queue. */
  readonly act = (event: QueueEvent): void => {
    const before = this.#queue;
    this.#dispatch(event);
    if (event.type === 'cancel' || event.type === 'resolve' || event.type === 'discard') this.#abortDropped(before);
    this.#startWhatMay();
    this.#show();
  };

  readonly setOnline = (online: boolean): void => {
    if (online === this.#online) return;
    this.#online = online;
    if (online) this.#startWhatMay();
    else this.#dispatch({ type: 'interrupted' });
    this.#show();
  };

  /** Finds what was begun in this storage before the page was loaded, once. */
  readonly look = async ({ storageId, storageName }: UploadTarget): Promise<void> => {
    if (this.#looked.has(storageId)) return;
    this.#looked.add(storageId);
    const { api, traces } = this.#options;
    try {
      const [listed, held] = await Promise.all([api.list(storageId), traces.held()]);
      const known = new Set(this.#queue.map(({ session }) => session?.uploadId));
      const begun = listed.filter(({ uploadId }) => !held.has(uploadId) && !known.has(uploadId));
      const uploads = await Promise.all(
        begun.slice(0, UNFINISHED_SHOWN).map((one) => this.#unfinished(one, { storageId, storageName })),
      );
      this.act({ type: 'add', uploads: uploads.filter((upload) => upload !== null) });
    } catch {
      // Nothing was promised yet: the next visit looks again.
      this.#looked.delete(storageId);
    }
  };

  /** Null when nothing is left of it. */
  async #unfinished(
    { uploadId, key, sizeBytes, partSizeBytes, createdAt }: UnfinishedUpload,
    storage: Pick<UploadTarget, 'storageId' | 'storageName'>,
  ): Promise<Upload | null> {
    const stored = await this.#options.api.parts({ id: storage.storageId, uploadId }).catch(() => null);
    if (stored === null) return null;
    const path = key.slice(key.lastIndexOf('/') + 1);
    return {
      ...{ ...storage, id: uploadId, folder: key.slice(0, key.length - path.length), path, key, sizeBytes },
      ...{
        sentBytes: certain(stored, this.#options.traces.taken(uploadId)).reduce((sum, part) => sum + part.sizeBytes, 0),
        bytesPerSecond: null,
      },
      ...{ state: 'unfinished', begunAt: createdAt, replace: false, keepBoth: 0, problem: null },
      // Whether the store can be reached from here shows itself.
      session: { uploadId, partSizeBytes, direct: true },
    };
  }

  /** By name and length alone a file is only probably the same one; this browser may remember more. */
  #fits({ path, sizeBytes, session, begunAt }: Upload, file: File): 'surely' | 'probably' | 'not' {
    if (file.name !== path || file.size !== sizeBytes || !session) return 'not';
    const changedAt = this.#options.traces.changedAt(session.uploadId);
    if (changedAt !== null) return changedAt === file.lastModified ? 'surely' : 'not';
    return begunAt !== null && file.lastModified <= begunAt ? 'probably' : 'not';
  }

  #goOn(id: string, file: File): void {
    this.#files.set(id, file);
    this.act({ type: 'chosen', id });
  }

  #find(id: string): Upload | undefined {
    return this.#queue.find((upload) => upload.id === id);
  }

  #dispatch(event: QueueEvent): void {
    this.#queue = queueReducer(this.#queue, event);
    const running = new Set(this.#queue.filter(isRunning).map(({ id }) => id));
    for (const [id, controller] of this.#running) if (!running.has(id)) controller.abort();
    this.#showSoon();
  }

  #showSoon(): void {
    this.#showing ??= setTimeout(() => this.#show(), SHOW_EVERY_MS);
  }

  #show(): void {
    clearTimeout(this.#showing ?? undefined);
    this.#showing = null;
    this.#measure();
    this.#shown = { queue: this.#queue, online: this.#online, bytesPerSecond: this.#total.bytesPerSecond() };
    for (const listener of this.#listeners) listener();
    // A connection that went silent reports nothing; its speed falls all the same.
    if (this.#running.size > 0) this.#showSoon();
  }

  #measure(): void {
    const now = this.#options.now();
    const uploads = new Map<string, UploadProgress>();
    for (const [id, sentBytes] of this.#sent) {
      const meter = this.#meters.get(id) ?? new SpeedMeter();
      this.#meters.set(id, meter);
      meter.add(now, sentBytes);
      uploads.set(id, { sentBytes, bytesPerSecond: meter.bytesPerSecond() });
    }
    if (uploads.size === 0) this.#total = new SpeedMeter();
    else this.#total.add(now, this.#movedBytes);
    this.#queue = queueReducer(this.#queue, { type: 'progress', uploads });
  }

  /** What was given up costs space at the store until it is told. */
  #abortDropped(before: readonly Upload[]): void {
    const kept = new Set(this.#queue.map(({ session }) => session?.uploadId));
    for (const { storageId, session } of before)
      if (session && !kept.has(session.uploadId)) this.#abort(storageId, session.uploadId);
  }

  #abort(id: StorageId, uploadId: UploadId): void {
    this.#options.traces.forget(uploadId);
    // Left behind when it fails: then it shows as unfinished, or the server tidies it up.
    this.#options.api.abort({ id, uploadId }).catch(() => {});
  }

  #startWhatMay(): void {
    if (!this.#online) return;
    for (const { id } of startable(this.#queue, REQUESTS_AT_ONCE)) {
      const file = this.#files.get(id);
      // One that was stopped just now ends first.
      if (!file || this.#running.has(id)) continue;
      this.#dispatch({ type: 'started', id });
      const upload = this.#find(id);
      if (upload) void this.#run(upload, file);
    }
  }

  async #run(upload: Upload, file: File): Promise<void> {
    const { id, storageId } = upload;
    const controller = new AbortController();
    this.#running.set(id, controller);
    this.#sent.set(id, upload.sentBytes);
    const result = await this.#send(upload, file, controller.signal).catch(
      // Only code that could not be loaded ends here.
      (): SendResult => ({ kind: 'failed', problem: { kind: 'noAnswer' } }),
    );
    this.#measure();
    this.#running.delete(id);
    this.#sent.delete(id);
    this.#meters.delete(id);
    if (result.kind === 'done') {
      const session = this.#find(id)?.session;
      if (session) this.#options.traces.forget(session.uploadId);
      this.#files.delete(id);
      this.#options.onStored(storageId);
    }
    if (result.kind === 'failed') this.#dispatch({ type: 'failed', id, problem: result.problem });
    else if (result.kind === 'done') this.#dispatch({ type: 'done', id });
    else if (result.kind === 'conflict') {
      const before = this.#queue;
      this.#dispatch({ type: 'conflict', id });
      this.#abortDropped(before);
    }
    this.#startWhatMay();
  }

  async #send(upload: Upload, file: File, signal: AbortSignal): Promise<SendResult> {
    const { id, storageId, key, replace, session } = upload;
    const job = {
      ...{ storageId, key, file, replace, signal },
      onProgress: (sentBytes: number) => this.#progress(id, sentBytes),
    };
    if (file.size <= WHOLE_UP_TO_BYTES || this.#whole.has(storageId)) return sendFile(job, this.#options);
    const release: (() => void)[] = [];
    const hold = (uploadId: UploadId) => release.push(this.#options.traces.hold(uploadId));
    try {
      if (session) hold(session.uploadId);
      const { sendParts } = await import('./send-parts.ts');
      const result = await sendParts(
        {
          ...job,
          session,
          onSession: (begun) => {
            // Given up while the server was asked.
            if (!this.#find(id) || this.#find(id)?.state === 'cancelled') return this.#abort(storageId, begun.uploadId);
            this.#options.traces.remember(begun.uploadId, file);
            hold(begun.uploadId);
            this.#dispatch({ type: 'session', id, session: begun });
          },
          onTaken: this.#options.traces.noteTaken,
          taken: this.#options.traces.taken,
          onFinishing: () => this.#dispatch({ type: 'finishing', id }),
        },
        this.#options,
      );
      if (result.kind !== 'whole') return result;
      this.#whole.add(storageId);
      return await sendFile(job, this.#options);
    } finally {
      for (const done of release) done();
    }
  }

  #progress(id: string, sentBytes: number): void {
    this.#movedBytes += Math.max(0, sentBytes - (this.#sent.get(id) ?? 0));
    this.#sent.set(id, sentBytes);
    this.#showSoon();
  }
}
