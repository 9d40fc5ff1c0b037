/** The life of one environment, from the order to the last record. Everything that happens goes through here, once. */
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure } from '../../../domain/environment.ts';
import type { Endpoint } from '../../../domain/gateway.ts';
import { type LimitedGroup, openLimitedGroup } from '../cgroup.ts';
import { fillPlaceholders } from '../command.ts';
import { openLogWriter } from '../log-files.ts';
import { bootId, endMembers, findMembers, identify, type ProcessIdentity } from '../processes.ts';
import { type StartOrder, send, type ToSupervisor } from '../protocol.ts';
import { claimRecord, type RunRecord, writeRecord } from '../run-record.ts';
import { type Application, startApplication } from './application.ts';
import { openControl } from './control.ts';
import {
  commandName,
  describeEndedFromOutside,
  describeExit,
  describeInternal,
  describeNotReady,
  describeTakenPorts,
} from './exit.ts';
import { isTaken, listensOn, pickPort } from './ports.ts';
import { waitUntilReady } from './readiness.ts';
import { type RunningSync, startSync } from './workspace-sync.ts';

const PORT_ATTEMPTS = 3;
/** What an application gets that missed its time or left children behind. */
const CLEANUP_GRACE_MS = 2_000;
const OUTSIDE_GRACE_MS = 8_000;
const WRITE_AGAIN_MS = 1_000;
const TELL_SYNC_EVERY_MS = 500;

function self(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, startTime: 'unknown' };
}

/** Runs the order to its end and exits the process. */
export async function supervise(order: StartOrder, orders: Socket): Promise<void> {
  const now = Date.now;
  const { folder } = order;
  const record: RunRecord = {
    version: 1,
    id: order.id,
    ownerId: order.ownerId,
    generation: order.generation,
    bootId: bootId(),
    supervisor: self(),
    application: null,
    controlPath: order.controlPath,
    state: 'starting',
    steps: [],
    failure: null,
    endpoint: null,
    sync: null,
    flushMs: order.sync?.flushMs ?? 0,
  };
  process.title = `cmbcluster ${order.id}`;

  // A server that died while it gave the order starts the environment again itself: there must not be two.
  if (process.ppid !== order.serverPid || !claimRecord(folder, record)) {
    send(orders, { refused: 'Another supervisor holds the run record.' });
    orders.end(() => process.exit(0));
    return;
  }

  const stopping = new AbortController();
  const hurry = new AbortController();
  let limits: LimitedGroup | null = null;
  let sync: RunningSync | null = null;
  let group: { leader: ProcessIdentity | null; leaderJustEnded?: boolean } = { leader: null };
  let endedFromOutside: NodeJS.Signals | null = null;

  const control = await openControl(order.controlPath, { greeting: () => ({ record }), onOrder });
  const log = openLogWriter(folder, order.generation);
  for (const notice of order.notices) log.write(Buffer.from(`${notice}\n`));

  /** On a full disk listeners still hear of it. @returns whether it was written */
  function tell(changes: Partial<RunRecord>): boolean {
    Object.assign(record, changes);
    const written = tryWrite();
    control.broadcast({ record });
    return written;
  }

  /** False while the disk is full. A folder that is gone was removed by the spawner: nobody wants the record any more. */
  function tryWrite(): boolean {
    try {
      writeRecord(folder, record);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  }

  function stop(graceMs: number): void {
    if (record.state === 'exited') return;
    setTimeout(() => hurry.abort(), graceMs);
    if (stopping.signal.aborted) return;
    tell({ state: 'stopping' });
    stopping.abort();
  }

  function onOrder(message: ToSupervisor): void {
    if ('stop' in message) stop(message.stop.graceMs);
  }

  /** Ends whatever runs; SIGKILL after `graceMs` or when a stop's own grace is over. */
  async function endAll(graceMs: number): Promise<void> {
    await endMembers(order.id, group, { graceMs, hurry: hurry.signal });
    limits?.kill();
  }

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      endedFromOutside ??= signal;
      stop(OUTSIDE_GRACE_MS);
    });
  }
  process.on('uncaughtException', async () => {
    await endMembers(order.id, group, { graceMs: 0 }).catch(() => undefined);
    tell({ state: 'exited', failure: describeInternal(now()), endpoint: null });
    process.exit(1);
  });

  control.attach(orders);
  let failure = await run();
  if (sync) await endSync(sync);
  if (stopping.signal.aborted) failure = endedFromOutside ? describeEndedFromOutside(endedFromOutside, now()) : null;
  log.close();
  (limits as LimitedGroup | null)?.remove();
  if (order.socketPath) rmSync(order.socketPath, { force: true });
  let written = tell({ state: 'exited', failure, endpoint: null });
  await control.close();
  // The exit status must not be lost to a full disk: this process is its only other keeper.
  for (; !written; written = tryWrite()) await delay(WRITE_AGAIN_MS);
  process.exit(0);

  /** The application has ended: what it wrote last is sent. */
  async function endSync(running: RunningSync): Promise<void> {
    if (!stopping.signal.aborted) tell({ state: 'stopping' });
    await running.end();
  }

  /** The application must not begin in a workspace that is half there. @returns false when it is stopped meanwhile */
  async function restore(): Promise<boolean> {
    if (!order.sync) return true;
    let timer: NodeJS.Timeout | null = null;
    const running = startSync(order.sync, (state) => {
      record.sync = state;
      if (timer) return;
      timer = setTimeout(() => {
        timer = null;
        control.broadcast({ record });
      }, TELL_SYNC_EVERY_MS);
    });
    sync = running;
    await Promise.race([running.restored, aborted(stopping.signal)]);
    if (stopping.signal.aborted) return false;
    tell({ steps: [{ step: 'mounted', at: now() }] });
    return true;
  }

  async function run(): Promise<Failure | null> {
    if (!(await restore())) return null;
    if (order.cgroup) {
      try {
        limits = openLimitedGroup(order.cgroup, order.id, order.size);
      } catch {
        return describeInternal(now());
      }
    }
    for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
      const result = await runOnce();
      if (result !== 'port-taken' || stopping.signal.aborted) return result === 'port-taken' ? null : result;
    }
    return describeTakenPorts(now());
  }

  async function runOnce(): Promise<Failure | null | 'port-taken'> {
    const port = order.socketPath === null ? await pickPort() : null;
    if (order.socketPath) rmSync(order.socketPath, { force: true });
    if (stopping.signal.aborted) return null;
    const endpoint = endpointOf(order, port);
    const application = await startApplication({
      argv: port === null ? order.argv : order.argv.map((text) => fillPlaceholders(text, { port: String(port) })),
      env: port === null ? order.env : { ...order.env, PORT: String(port) },
      cwd: order.cwd,
      limits,
      now,
      onOutput(chunk) {
        log.write(chunk);
        control.logMoved(log.end);
      },
    });
    if ('reason' in application) return application;
    group = { leader: application.identity };
    const mounted = record.steps.filter(({ step }) => step === 'mounted');
    tell({ application: application.identity, endpoint, steps: [...mounted, { step: 'started', at: now() }] });
    const result = await follow(application, endpoint, port);
    await endAll(CLEANUP_GRACE_MS);
    await application.drained();
    return result;
  }

  /** Until the application has ended; leaves its stragglers to the caller. */
  async function follow(
    application: Application,
    endpoint: Endpoint,
    port: number | null,
  ): Promise<Failure | null | 'port-taken'> {
    const gone = new AbortController();
    const exited = application.exited.then((exit) => {
      group = { ...group, leaderJustEnded: true };
      gone.abort();
      return exit;
    });
    const members = () => findMembers(order.id, group).map(({ pid }) => pid);
    const outcome = await waitUntilReady({
      endpoint,
      readyPath: order.readyPath,
      host: port === null ? 'localhost' : `127.0.0.1:${port}`,
      timeoutMs: order.readyTimeoutMs,
      signal: AbortSignal.any([stopping.signal, gone.signal]),
      // Its own process first: looking for the others reads about every process of the machine.
      isOurs: () => port === null || listensOn(port, [application.identity.pid]) || listensOn(port, members()),
    });
    const command = commandName(order.argv);
    if (outcome === 'foreign') {
      await Promise.all([endAll(CLEANUP_GRACE_MS), exited]);
      return 'port-taken';
    }
    if (outcome === 'timeout') {
      const failure = describeNotReady({
        command,
        where: whereOf(endpoint),
        timeoutMs: order.readyTimeoutMs,
        at: now(),
      });
      await Promise.all([endAll(CLEANUP_GRACE_MS), exited]);
      return failure;
    }
    if (outcome === 'ready' && !stopping.signal.aborted) {
      tell({ state: 'running', steps: [...record.steps, { step: 'ready', at: now() }] });
    }
    if (!(await Promise.race([exited.then(() => true), aborted(stopping.signal).then(() => false)]))) {
      await Promise.all([endAll(Number.POSITIVE_INFINITY), exited]);
      return null;
    }
    const exit = await exited;
    const wasReady = outcome === 'ready';
    if (!wasReady && port !== null && isTaken(port) && !listensOn(port, members())) return 'port-taken';
    return describeExit({
      ...exit,
      command,
      wasReady,
      memoryMiB: order.size.memoryMiB,
      limited: order.cgroup !== null,
      at: now(),
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function endpointOf(order: StartOrder, port: number | null): Endpoint {
  const { header } = order;
  return order.socketPath !== null
    ? { kind: 'unix', path: order.socketPath, header }
    : { kind: 'tcp', host: '127.0.0.1', port: port ?? 0, header };
}

function whereOf(endpoint: Endpoint): string {
  return endpoint.kind === 'unix'
    ? 'the socket of CMBCLUSTER_SOCKET'
    : `127.0.0.1:${endpoint.port} (the variable PORT)`;
}
