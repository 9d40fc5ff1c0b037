/** For tests: a real Terminal server on a unix socket in a folder of its own, and a browser's side of its protocol. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Assets } from './assets.ts';
import {
  type ClientMessage,
  type INPUT_BY_EMULATOR,
  INPUT_BY_PERSON,
  type ServerMessage,
  type TabInfo,
} from './protocol.ts';
import { spawnPty } from './pty-process.ts';
import type { Guard } from './request-guard.ts';
import { createTerminalServer } from './server.ts';
import { type ShellCommand, shellCommand } from './shell.ts';
import { TabSet } from './tab-set.ts';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface TestTerminal {
  folder: string;
  socketPath: string;
  tabs: TabSet;
  call(method: string, path: string, options?: { body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  newTab(): Promise<TabInfo>;
  connect(
    id: string,
    options?: {
      offset?: number | null;
      client?: string;
      active?: boolean;
      cols?: number;
      rows?: number;
      autoAck?: boolean;
    },
  ): TestBrowser;
  close(): Promise<void>;
}

/** @param options.argv run this in each tab in place of a shell */
export async function startTerminal(
  options: {
    argv?: string[];
    ringBytes?: number;
    guard?: Guard;
    env?: Record<string, string>;
    heartbeatMs?: number;
  } = {},
): Promise<TestTerminal> {
  const folder = await mkdtemp(join(tmpdir(), 'terminal-'));
  const socketPath = join(folder, 'socket');
  await writeFile(join(folder, 'index.html'), '<script src="./page.js"></script><meta content="{{nonce}}">');
  await writeFile(join(folder, 'page.js'), '// page');
  const env = { PATH: process.env.PATH, HOME: folder, SHELL: '/bin/sh', PS1: '$ ', ENV: '', ...options.env };
  const command = (): ShellCommand => {
    const shell = shellCommand(env, { accountShell: null, cwd: folder });
    const [file, ...args] = options.argv ?? [];
    return file === undefined ? shell : { ...shell, file, args };
  };
  let ids = 0;
  const tabs = new TabSet({
    command,
    spawn: spawnPty,
    newId: () => `tab-${++ids}`,
    now: () => performance.now(),
    ringBytes: options.ringBytes,
  });
  const server = createTerminalServer({
    tabs,
    assets: new Assets(folder),
    guard: options.guard ?? { secret: null, loopbackNamesOnly: false },
    heartbeatMs: options.heartbeatMs,
    log: (message, cause) => console.error(message, cause),
  });
  await new Promise<void>((resolve) => server.http.listen(socketPath, resolve));
  const call: TestTerminal['call'] = (method, path, { body, headers } = {}) =>
    new Promise((resolve, reject) => {
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const outgoing = request(
        { socketPath, method, path, headers: { host: 'lab.localhost', ...type, ...headers } },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => {
            text += part;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    folder,
    socketPath,
    tabs,
    call,
    newTab: async () => JSON.parse((await call('POST', '/api/tabs', { body: { cols: 80, rows: 24 } })).text) as TabInfo,
    connect: (id, { offset = null, client = 'test', active = true, cols = 80, rows = 24, autoAck = true } = {}) =>
      new TestBrowser(socketPath, id, { type: 'attach', client, offset, active, cols, rows }, autoAck),
    async close() {
      await server.close(500);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A browser that collects what it is sent. Acknowledges at once unless told otherwise. */
export class TestBrowser {
  readonly messages: ServerMessage[] = [];
  readonly parts: Buffer[] = [];
  readonly socket: WebSocket;
  autoAck: boolean;
  /** Offset after the last byte that arrived. */
  arrived = 0;
  closedWith: number | null = null;
  onOutput: (bytes: Buffer) => void = (bytes) => this.parts.push(bytes);

  constructor(socketPath: string, id: string, attach: Extract<ClientMessage, { type: 'attach' }>, autoAck: boolean) {
    this.autoAck = autoAck;
    this.arrived = attach.offset ?? 0;
    this.socket = new WebSocket(`ws+unix:${socketPath}:/pty/${id}`, {
      headers: { host: 'lab.localhost', origin: 'http://lab.localhost' },
    });
    this.socket.on('open', () => this.send(attach));
    this.socket.on('close', (code) => {
      this.closedWith = code;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) {
        const message = JSON.parse(data.toString()) as ServerMessage;
        this.messages.push(message);
        if (message.type === 'sync') this.arrived = message.from;
        return;
      }
      this.arrived += data.length;
      this.onOutput(data);
      if (this.autoAck) this.ack();
    });
  }

  get text(): string {
    return Buffer.concat(this.parts).toString('utf8');
  }

  last<Type extends ServerMessage['type']>(type: Type): Extract<ServerMessage, { type: Type }> | undefined {
    return this.messages.findLast(
      (message): message is Extract<ServerMessage, { type: Type }> => message.type === type,
    );
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  ack(): void {
    if (this.socket.readyState === WebSocket.OPEN) this.send({ type: 'ack', offset: this.arrived });
  }

  type(text: string, kind: typeof INPUT_BY_PERSON | typeof INPUT_BY_EMULATOR = INPUT_BY_PERSON): void {
    this.socket.send(Buffer.concat([Buffer.from([kind]), Buffer.from(text)]));
  }

  /** As a network that goes away: no closing handshake. */
  drop(): void {
    this.socket.terminate();
  }
}

/** Polls until the condition holds. @throws after the deadline, with what was seen */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: () => string = () => 'condition',
  deadlineMs = 8000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited in vain for: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
