/**
 * Environments as processes of this machine. Every environment has its own supervisor program; this side only gives orders,
 * listens, and after a restart adopts whatever the run records say. It holds no truth of its own: kill -9 at any moment loses nothing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';
import type { EnvironmentId, UserId } from '../../domain/ids.ts';
import type { Logger } from '../../ports/provider.ts';
import { type Changes, createChanges } from '../../ports/spawner/changes.ts';
import type { EnvironmentSpec, Snapshot, Spawner, SpawnerCapabilities } from '../../ports/spawner/spawner.ts';
import { findDelegated } from './cgroup.ts';
import { findProgram } from './command.ts';
import { placeHomeFiles } from './home-files.ts';
import { readLog } from './log-files.ts';
import { bootId, endMembers, isAlive, type ProcessIdentity, signalProcess } from './processes.ts';
import { type FromSupervisor, onMessage, type StartOrder, send } from './protocol.ts';
import { openRunFolder } from './run-folder.ts';
import { type RunRecord, readRecord, removeRecord, snapshotOf, writeRecord } from './run-record.ts';
import {
  composeOrder,
  controlPath,
  environmentFolder,
  homeFolder,
  type Machine,
  openHome,
  type Places,
  socketPath,
  workspaceFolder,
} from './start-order.ts';
import { describeLost } from './supervisor/exit.ts';
import { createSupervisors, type Supervisors } from './supervisors.ts';

/** A supervisor answers within milliseconds; a machine that swaps may need seconds. */
const RECORD_WITHIN_MS = 15_000;
/** A start keeps its turn until the application is ready, but an application that takes long does not hold up the others. */
const TURN_MS = 150;
/** The server's own start does not wait longer for environments that do not answer. */
const ADOPT_WITHIN_MS = 1_000;
const LOST_GRACE_MS = 2_000;
const OVERDUE_MS = 10_000;
const CHECK_MS = 10;

export interface LocalSpawnerOptions {
  /** Absolute path of the data folder. */
  dataDir: string;
  /** The supervisor's program file, .mjs or .ts. */
  supervisor: string;
  /** The built-in Terminal's program file. */
  terminal: string;
  /** The sync program's file. */
  sync: string;
  nodePath: string;
  machine: Machine;
  log: Logger;
  now: () => number;
  /** How long a supervisor may be silent beyond an environment's own grace before it is ended itself. */
  overdueMs?: number;
}

interface Run {
  record: RunRecord;
  /** null while there is no supervisor to talk to. */
  socket: Socket | null;
}

/** Adopts what runs. The caller must be the only server of this data folder (server.lock). */
export async function openLocalSpawner(options: LocalSpawnerOptions): Promise<Spawner> {
  const places: Places = { ...options, runFolder: openRunFolder(options.dataDir), cgroup: findDelegated() };
  mkdirSync(join(options.dataDir, 'environments'), { recursive: true, mode: 0o700 });
  const spawner = new LocalSpawner(places, options);
  await spawner.adoptAll();
  return spawner;
}

class LocalSpawner implements Spawner {
  readonly onShutdown = 'stop';
  readonly capabilities: SpawnerCapabilities;
  readonly #places: Places;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #supervisors: Supervisors;
  readonly #changes: Changes = createChanges();
  readonly #runs = new Map<EnvironmentId, Run>();
  /** Starts, removals and losses of one environment follow one another. */
  readonly #turns = new Map<EnvironmentId | UserId, Promise<unknown>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #bootId = bootId();
  readonly #overdueMs: number;
  #closed = false;

  constructor(places: Places, { supervisor, log, now, overdueMs = OVERDUE_MS }: LocalSpawnerOptions) {
    this.#places = places;
    this.#log = log;
    this.#now = now;
    this.#overdueMs = overdueMs;
    this.#supervisors = createSupervisors({
      nodePath: places.nodePath,
      program: supervisor,
      slots: Math.max(2, availableParallelism()),
    });
    this.capabilities = {
      enforcesLimits: places.cgroup !== null,
      isolatesUsers: false,
      metrics: false,
      events: false,
      gpus: false,
    };
  }

  async check(run: EnvironmentSpec['run']): Promise<{ available: true } | { available: false; reason: string }> {
    if (!run.argv) return { available: false, reason: 'It has no command for this machine.' };
    if (run.argv.includes('{terminal}') && !existsSync(this.#places.terminal)) {
      return { available: false, reason: 'Its program is missing on this machine. Build the project again.' };
    }
    const [command] = run.argv;
    // An application that asks for its command has none yet.
    if (command === undefined || command === '{node}') return { available: true };
    if (findProgram(command, this.#places.machine.path)) return { available: true };
    return { available: false, reason: `“${command}” is not installed on this machine.` };
  }

  start(spec: EnvironmentSpec): Promise<void> {
    return this.#inTurn(spec.id, async () => {
      if (this.#holds(spec)) return;
      const before = this.#runs.get(spec.id)?.record;
      // Its last act is to take its control socket away; that must not be the next one's.
      if (before) await untilEnded(before.supervisor, this.#overdueMs);
      // A cleaner of /tmp may have taken the folder while it was empty.
      this.#places.runFolder = openRunFolder(this.#places.dataDir);
      const order = composeOrder(spec, randomBytes(32).toString('base64url'), this.#places);
      order.notices = await this.#placeFiles(spec);
      if (before) removeRecord(order.folder);
      await new Promise<void>((recorded, reject) => {
        this.#supervisors
          .inTurn(async () => {
            await this.#launch(order);
            recorded();
            await this.#untilSettled(spec.id, TURN_MS);
          })
          .catch(reject);
      });
    });
  }

  /** One start of a person's at a time: their environments share the home. */
  #placeFiles({ ownerId, files }: EnvironmentSpec): Promise<string[]> {
    return this.#inTurn(ownerId, () => placeHomeFiles(openHome(this.#places.dataDir, ownerId), files));
  }

  /** Whether this start has happened already. @throws conflict for an older start, or while an older one still runs */
  #holds({ id, generation }: EnvironmentSpec): boolean {
    const record = this.#find(id)?.record;
    if (!record || (record.generation < generation && record.state === 'exited')) return false;
    if (record.generation === generation) return true;
    const message =
      record.generation > generation ? 'A newer start of this environment exists.' : 'Its last run has not ended yet.';
    throw new AppError('conflict', message, { retryable: record.generation < generation });
  }

  async #launch(order: StartOrder): Promise<void> {
    const supervisor = this.#supervisors.take();
    const { orders } = supervisor;
    const recorded = new Promise<boolean>((resolve) => {
      orders.once('close', () => resolve(false));
      const timer = setTimeout(resolve, RECORD_WITHIN_MS, false);
      this.#listen(order.id, orders, (message) => {
        clearTimeout(timer);
        resolve('record' in message);
      });
    });
    send(orders, { start: order });
    if (await recorded) return;
    orders.destroy();
    // Either another supervisor won (a server before this one ordered the same), or this one could not write its record.
    const record = readRecord(order.folder);
    if (record && record.supervisor.pid !== supervisor.pid && isAlive(record.supervisor)) {
      await this.#adopt(record);
      if (record.generation === order.generation) return;
    } else {
      supervisor.process.kill('SIGKILL');
      await endMembers(order.id, { leader: null }, { graceMs: 0 });
      removeRecord(order.folder);
    }
    throw new AppError('unavailable', 'The environment could not be started on this machine. It is tried again.');
  }

  async stop(id: EnvironmentId, { graceSeconds }: { graceSeconds: number }): Promise<void> {
    const run = this.#find(id);
    if (!run || run.record.state === 'exited') return;
    const graceMs = graceSeconds * 1000;
    // While the connection is being made again, the order waits for it.
    if (!run.socket)
      await this.#until(id, this.#overdueMs, (now) => now?.record.state === 'exited' || now?.socket !== null);
    const { socket } = this.#runs.get(id) ?? {};
    if (socket) send(socket, { stop: { graceMs } });
    const { supervisor, generation, flushMs } = run.record;
    this.#later(graceMs + flushMs + this.#overdueMs, () => {
      const { record } = this.#runs.get(id) ?? {};
      if (record?.generation !== generation || record.state === 'exited') return;
      this.#log.warn('A supervisor does not answer and is ended', { environmentId: id, pid: supervisor.pid });
      signalProcess(supervisor, 'SIGKILL');
    });
  }

  remove(id: EnvironmentId, { keepHome }: { keepHome: boolean }): Promise<void> {
    return this.#inTurn(id, async () => {
      const run = this.#find(id);
      if (run) {
        await this.stop(id, { graceSeconds: 0 });
        if (!(await this.#untilExited(id, run.record.flushMs + this.#overdueMs))) {
          signalProcess(run.record.supervisor, 'SIGKILL');
          await endMembers(id, { leader: run.record.application }, { graceMs: 0 });
        }
        await untilEnded(run.record.supervisor, this.#overdueMs);
      }
      await this.#keepUnsaved(id);
      this.#runs.delete(id);
      run?.socket?.destroy();
      await Promise.all([
        rm(environmentFolder(this.#places.dataDir, id), { recursive: true, force: true }),
        rm(controlPath(this.#places.runFolder, id), { force: true }),
        rm(socketPath(this.#places.runFolder, id), { force: true }),
      ]);
      if (!run) return;
      const { ownerId } = run.record;
      const homeInUse = [...this.#runs.values()].some(({ record }) => record.ownerId === ownerId);
      if (!keepHome && !homeInUse)
        await rm(homeFolder(this.#places.dataDir, ownerId), { recursive: true, force: true });
      this.#changes.emit({ kind: 'changed', snapshot: absent(id) });
    });
  }

  /** What a bucket did not take must not go with its environment. */
  async #keepUnsaved(id: EnvironmentId): Promise<void> {
    const folder = environmentFolder(this.#places.dataDir, id);
    const sync = readRecord(folder)?.sync ?? this.#runs.get(id)?.record.sync;
    // A run that never came to look says nothing of what the one before it left.
    if (!sync || (sync.safeAt !== null && sync.pendingFiles === 0)) return;
    if ((await readdir(workspaceFolder(folder)).catch(() => [])).length === 0) return;
    const kept = join(this.#places.dataDir, 'unsaved', id);
    await mkdir(join(this.#places.dataDir, 'unsaved'), { recursive: true, mode: 0o700 });
    await rename(workspaceFolder(folder), kept).catch(() => undefined);
    this.#log.warn('Files that could not be sent to their storage are kept', { environmentId: id, folder: kept });
  }

  async poll(id: EnvironmentId): Promise<Snapshot> {
    const run = this.#find(id);
    return run ? snapshotOf(run.record) : absent(id);
  }

  async list(): Promise<Snapshot[]> {
    for (const id of this.#folders()) this.#find(id);
    return [...this.#runs.values()].map(({ record }) => snapshotOf(record));
  }

  watch(signal: AbortSignal) {
    return this.#changes.watch(signal);
  }

  async logs(id: EnvironmentId, options: { from: number; maxBytes: number; generation?: number }) {
    const record = this.#find(id)?.record;
    const generation = options.generation ?? record?.generation;
    const live = record !== undefined && record.state !== 'exited' && generation === record.generation;
    return readLog(environmentFolder(this.#places.dataDir, id), { ...options, generation, live });
  }

  async capacity() {
    return { cpuMillicores: availableParallelism() * 1000, memoryMiB: Math.floor(totalmem() / 1024 ** 2), gpus: 0 };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#supervisors.close();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { socket } of this.#runs.values()) socket?.destroy();
    this.#changes.close();
    // Only when no environment lives on: then the folder is not empty.
    await rmdir(this.#places.runFolder).catch(() => undefined);
  }

  /** Every record is known when this resolves; connections to silent supervisors may still be under way. */
  async adoptAll(): Promise<void> {
    const records = this.#folders().flatMap((id) => readRecord(environmentFolder(this.#places.dataDir, id)) ?? []);
    const adopted = Promise.all(records.map((record) => this.#adopt(record)));
    await Promise.race([adopted, delay(ADOPT_WITHIN_MS, undefined, { ref: false })]);
  }

  #folders(): EnvironmentId[] {
    return readdirSync(join(this.#places.dataDir, 'environments')) as EnvironmentId[];
  }

  /** Looks into the folder too: a supervisor that a dead server ordered may write its record after this one has started. */
  #find(id: EnvironmentId): Run | null {
    const known = this.#runs.get(id);
    if (known) return known;
    const record = readRecord(environmentFolder(this.#places.dataDir, id));
    if (!record) return null;
    void this.#adopt(record);
    return this.#runs.get(id) ?? null;
  }

  async #adopt(record: RunRecord): Promise<void> {
    this.#put(record);
    if (record.state !== 'exited') await this.#reconnect(record);
  }

  /** Back to the supervisor while it lives; else the run is finished on its behalf. */
  async #reconnect({ id, generation }: RunRecord): Promise<void> {
    const overdue = performance.now() + this.#overdueMs;
    while (!this.#closed) {
      const run = this.#runs.get(id);
      const record = readRecord(environmentFolder(this.#places.dataDir, id));
      if (!run || run.record.generation !== generation || !record || record.generation !== generation) return;
      if (record.state === 'exited') return this.#put(record);
      if (record.bootId !== this.#bootId || !isAlive(record.supervisor)) return this.#finishLost(record);
      const socket = await dial(record.controlPath);
      if (socket) return this.#listen(id, socket);
      // It lives but cannot be reached, and neither can its application: the folder of the sockets was emptied.
      if (performance.now() > overdue) signalProcess(record.supervisor, 'SIGKILL');
      await delay(CHECK_MS);
    }
  }

  async #finishLost(record: RunRecord): Promise<void> {
    this.#log.warn('An environment has lost its supervisor', { environmentId: record.id, bootId: record.bootId });
    if (record.bootId === this.#bootId) {
      await endMembers(record.id, { leader: record.application }, { graceMs: LOST_GRACE_MS });
    }
    if (this.#runs.get(record.id)?.record.generation !== record.generation) return;
    const lost: RunRecord = { ...record, state: 'exited', failure: describeLost(this.#now()), endpoint: null };
    try {
      writeRecord(environmentFolder(this.#places.dataDir, record.id), lost);
    } catch (error) {
      // The next server finds the old record and comes to the same end.
      this.#log.warn('A run record could not be written', { environmentId: record.id, error });
    }
    this.#put(lost);
  }

  #listen(id: EnvironmentId, socket: Socket, first?: (message: FromSupervisor) => void): void {
    let current: RunRecord | null = null;
    let heard = first;
    onMessage<FromSupervisor>(socket, (message) => {
      if ('record' in message) {
        current = message.record;
        this.#put(current, socket);
      } else if ('logEnd' in message) {
        this.#changes.emit({ kind: 'log', id, end: message.logEnd });
      }
      heard?.(message);
      heard = undefined;
    });
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      const run = this.#runs.get(id);
      if (!current || run?.socket !== socket) return;
      run.socket = null;
      if (!this.#closed && run.record.state !== 'exited') void this.#reconnect(run.record);
    });
  }

  #put(record: RunRecord, socket: Socket | null = null): void {
    if (this.#closed) return;
    this.#runs.set(record.id, { record, socket });
    this.#changes.emit({ kind: 'changed', snapshot: snapshotOf(record) });
  }

  #inTurn<T>(id: EnvironmentId | UserId, task: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.then(task, task);
    this.#turns.set(id, turn);
    const forget = () => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    };
    turn.then(forget, forget);
    return turn;
  }

  /** True once the condition holds, false after `withinMs`. */
  async #until(id: EnvironmentId, withinMs: number, condition: (run: Run | undefined) => boolean): Promise<boolean> {
    if (condition(this.#runs.get(id))) return true;
    for await (const _change of this.#changes.watch(AbortSignal.timeout(withinMs))) {
      if (condition(this.#runs.get(id))) return true;
    }
    return false;
  }

  #untilSettled(id: EnvironmentId, withinMs: number): Promise<boolean> {
    return this.#until(id, withinMs, (run) => run?.record.state !== 'starting');
  }

  #untilExited(id: EnvironmentId, withinMs: number): Promise<boolean> {
    return this.#until(id, withinMs, (run) => run === undefined || run.record.state === 'exited');
  }

  #later(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}

function absent(id: EnvironmentId): Snapshot {
  return { id, observed: { state: 'absent' }, endpoint: null, sync: null };
}

/** A supervisor that has said its last word ends by itself; its folder must not be taken from under it. */
async function untilEnded(supervisor: ProcessIdentity, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (isAlive(supervisor)) {
    if (performance.now() > deadline) signalProcess(supervisor, 'SIGKILL');
    await delay(CHECK_MS);
  }
}

function dial(path: string): Promise<Socket | null> {
  if (!existsSync(path)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
