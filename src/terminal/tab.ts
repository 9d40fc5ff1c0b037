/**
 * One tab: a shell that outlives browsers, the ring of its output, and the browsers that look at it. Called by TabSet (life) and
 * by the server (connections). Decides pacing, whose size counts, whose emulator answers queries, and restart after the end.
 */
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { EscapeScanner } from './escape-scanner.ts';
import { OutputCursor, shouldPause } from './output-cursor.ts';
import { OutputRing } from './output-ring.ts';
import { commandOf, foregroundGroup, workingDirectoryOf } from './process-table.ts';
import { type ServerMessage, stripControls, type TabExit, type TabInfo } from './protocol.ts';
import type { PtyProcess, SpawnPty } from './pty-process.ts';
import type { ShellCommand } from './shell.ts';
import { TerminalModes } from './terminal-modes.ts';

export const RING_BYTES = 2 * 1024 * 1024;
const MAX_TITLE_LENGTH = 200;
/** As the prompt calls it (bashrc). */
const WORKSPACE_NAME = 'workspace';
/** While the program is held up: how often to look for browsers that stopped answering. */
const PACE_CHECK_MS = 250;
/** Long enough for a program to notice the first size before the second comes. */
const REPAINT_MS = 60;
/** Leaves whatever a dead program left on: alternate screen, mouse, hidden cursor, colours. */
const SANE =
  '\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[?25h\x1b[0m';
const MAX_REMEMBERED_CLIENTS = 64;
const ENTER = 0x0d;

export interface Size {
  cols: number;
  rows: number;
}

/** The tab is closed; what the browser says makes no sense; the same client has a newer connection. */
export type TabCloseReason = 'gone' | 'bad' | 'replaced';

/** The way to one browser. */
export interface TabLink {
  send(message: ServerMessage): void;
  sendOutput(bytes: Uint8Array<ArrayBuffer>): void;
  close(reason: TabCloseReason): void;
}

interface Viewer {
  client: string;
  link: TabLink;
  cursor: OutputCursor;
  size: Size;
}

export interface TabOptions {
  id: string;
  size: Size;
  command: () => ShellCommand;
  spawn: SpawnPty;
  /** Milliseconds, monotonic. */
  now: () => number;
  /** Something that the list of tabs shows may have changed. */
  onChange: () => void;
  ringBytes?: number;
}

export class Tab {
  readonly id: string;
  name: string | null = null;
  readonly #options: TabOptions;
  readonly #ring: OutputRing;
  readonly #modesAtStart = new TerminalModes();
  /** Last active first: the first one decides size and answers queries. */
  #viewers: Viewer[] = [];
  #scanner: EscapeScanner;
  #pty: PtyProcess;
  #shellName: string;
  #home: string | null;
  #workspace: string | null;
  #title = '';
  #size: Size;
  #exit: TabExit | null = null;
  #closed = false;
  #paused = false;
  #paceCheck: NodeJS.Timeout | undefined;
  #pumpQueued = false;
  /** Output before this was shown by a browser whose emulator has answered its queries. */
  #answeredUntil = 0;
  #everSeen = false;
  /** Bytes taken from each client's person, so that one which comes back sends neither too much nor too little again. */
  readonly #inputFrom = new Map<string, number>();

  constructor(options: TabOptions) {
    this.id = options.id;
    this.#options = options;
    this.#size = options.size;
    this.#ring = new OutputRing({
      capacityBytes: options.ringBytes ?? RING_BYTES,
      onEvict: (bytes) => this.#modesAtStart.feed(bytes),
    });
    this.#scanner = this.#newScanner();
    const command = options.command();
    this.#shellName = basename(command.file);
    this.#home = command.env.HOME ?? null;
    this.#workspace = command.env.CMBCLUSTER_WORKSPACE ? realPath(command.env.CMBCLUSTER_WORKSPACE) : null;
    this.#pty = this.#spawn(command);
  }

  /**
   * A browser connects. An older connection of the same client is dead or about to be: it is let go, so that nothing which still
   * arrives on it can double what the client sends again.
   * @param from.active a person is at it: its size counts from now on
   * @param from.offset first byte that the client does not have, null when it has nothing
   */
  attach(link: TabLink, from: { client: string; offset: number | null; active: boolean; size: Size }): TabViewer {
    const { client, offset, active, size } = from;
    const older = this.#viewers.find((one) => one.client === client);
    if (older) {
      this.#detach(older);
      older.link.close('replaced');
    }
    const nowMs = this.#options.now();
    const resumable = offset !== null && offset >= this.#ring.start && offset <= this.#ring.end;
    const viewer: Viewer = {
      client,
      link,
      size,
      cursor: new OutputCursor(resumable ? offset : this.#ring.start, nowMs),
    };
    if (active) this.#viewers.unshift(viewer);
    else this.#viewers.push(viewer);
    link.send({ type: 'inputAck', received: this.#inputFrom.get(client) ?? 0 });
    this.#sync(viewer, resumable ? offset : null);
    this.#applySize();
    this.#pump(viewer);
    this.#pace();
    return {
      ack: (acked) => {
        if (!viewer.cursor.ack(acked, this.#options.now())) return link.close('bad');
        // Only what the deciding browser has shown is answered: the others' replies are dropped.
        if (this.#viewers[0] === viewer) this.#answeredUntil = Math.max(this.#answeredUntil, acked);
        this.#pump(viewer);
        this.#pace();
      },
      resize: (next) => {
        viewer.size = next;
        if (this.#viewers[0] === viewer) this.#applySize();
      },
      focus: () => this.#activate(viewer),
      input: (bytes, byPerson) => this.#input(viewer, bytes, byPerson),
      detach: () => this.#detach(viewer),
    };
  }

  #detach(viewer: Viewer): void {
    if (!this.#viewers.includes(viewer)) return;
    this.#viewers = this.#viewers.filter((one) => one !== viewer);
    this.#applySize();
    this.#pace();
  }

  info(): TabInfo {
    const { pid } = this.#pty;
    const group = this.#exit ? null : foregroundGroup(pid);
    const foreground = group === null ? null : commandOf(group);
    const cwd = this.#exit ? null : workingDirectoryOf(pid);
    return {
      id: this.id,
      label: this.name ?? (this.#title || foreground || this.#place(cwd)),
      name: this.name,
      title: this.#title,
      pid,
      busy: group !== null,
      foreground,
      cwd,
      exit: this.#exit,
    };
  }

  /** Ends the shell and lets the browsers go. @param options.everything also what it left in the background */
  async close(options: { graceMs: number; everything: boolean }): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#paceCheck);
    for (const viewer of this.#viewers) viewer.link.close('gone');
    this.#viewers = [];
    await this.#pty.hangUp(options);
  }

  #place(cwd: string | null): string {
    if (cwd === null) return this.#shellName;
    if (cwd === this.#workspace) return WORKSPACE_NAME;
    return cwd === this.#home ? '~' : basename(cwd) || '/';
  }

  #newScanner(): EscapeScanner {
    return new EscapeScanner({
      osc: (text) => {
        const match = /^[02];([\s\S]*)$/.exec(text);
        if (!match) return;
        this.#title = stripControls(match[1] ?? '').slice(0, MAX_TITLE_LENGTH);
        this.#options.onChange();
      },
    });
  }

  #spawn(command: ShellCommand): PtyProcess {
    return this.#options.spawn(command, this.#size, {
      onOutput: (bytes) => this.#output(bytes),
      onExit: (exit) => this.#ended(exit),
    });
  }

  #restart(): void {
    this.#exit = null;
    this.#title = '';
    this.#scanner = this.#newScanner();
    this.#output(Buffer.from('\r\n'));
    this.#pty = this.#spawn(this.#options.command());
    if (this.#paused) this.#pty.pause();
    this.#options.onChange();
  }

  #ended(exit: TabExit): void {
    if (this.#closed) return;
    this.#exit = exit;
    this.#title = '';
    const how = exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
    this.#output(Buffer.from(`${SANE}\r\n\x1b[90mThe shell ${how}. Press Enter to start a new one.\x1b[0m\r\n`));
    this.#options.onChange();
  }

  #output(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#ring.append(bytes);
    this.#scanner.feed(bytes);
    this.#pace();
    if (this.#pumpQueued) return;
    this.#pumpQueued = true;
    // Once per turn of the loop: many small writes of a program become one frame.
    setImmediate(() => {
      this.#pumpQueued = false;
      for (const viewer of this.#viewers) this.#pump(viewer);
    });
  }

  #pump(viewer: Viewer): void {
    if (viewer.cursor.lost(this.#ring)) {
      viewer.cursor = new OutputCursor(this.#ring.start, this.#options.now());
      this.#sync(viewer, null);
    }
    viewer.cursor.pump(this.#ring, viewer.link.sendOutput, this.#options.now());
  }

  #sync(viewer: Viewer, offset: number | null): void {
    const reset = offset === null;
    // A replay of the whole ring is old: its queries were answered, or whoever asked has given up. Not so the very first one.
    const quietUntil = reset && this.#everSeen ? this.#ring.end : this.#answeredUntil;
    this.#everSeen = true;
    const prelude = reset ? this.#modesAtStart.prelude() : '';
    viewer.link.send({ type: 'sync', from: offset ?? this.#ring.start, reset, prelude, quietUntil });
    if (reset && this.#modesAtStart.alternateScreen) this.#repaint();
  }

  /** A full-screen program whose first picture has left the ring is asked to paint again, by a change of size and back. */
  #repaint(): void {
    const modes = new TerminalModes(this.#modesAtStart);
    modes.feed(this.#ring.slice(this.#ring.start, this.#ring.end - this.#ring.start));
    if (!modes.alternateScreen || this.#size.rows < 2) return;
    this.#pty.resize(this.#size.cols, this.#size.rows - 1);
    setTimeout(() => this.#pty.resize(this.#size.cols, this.#size.rows), REPAINT_MS);
  }

  #pace(): void {
    const nowMs = this.#options.now();
    const cursors = this.#viewers.map((viewer) => viewer.cursor);
    const pause = shouldPause({ paused: this.#paused, end: this.#ring.end, cursors, nowMs });
    if (pause === this.#paused) return;
    this.#paused = pause;
    clearInterval(this.#paceCheck);
    if (pause) {
      this.#pty.pause();
      this.#paceCheck = setInterval(() => this.#pace(), PACE_CHECK_MS);
    } else {
      this.#pty.resume();
    }
  }

  #input(viewer: Viewer, bytes: Uint8Array, byPerson: boolean): void {
    if (!this.#viewers.includes(viewer)) return;
    if (byPerson) {
      this.#activate(viewer);
      this.#countInput(viewer, bytes.length);
    } else if (this.#viewers[0] !== viewer) {
      return;
    }
    if (this.#exit) {
      if (byPerson && bytes.includes(ENTER)) this.#restart();
      return;
    }
    if (!this.#pty.write(bytes)) viewer.link.send({ type: 'inputRefused', bytes: bytes.length });
  }

  #countInput({ client, link }: Viewer, bytes: number): void {
    const received = (this.#inputFrom.get(client) ?? 0) + bytes;
    // Last in, last out: the clients that typed longest ago are forgotten first.
    this.#inputFrom.delete(client);
    this.#inputFrom.set(client, received);
    const oldest = this.#inputFrom.keys().next();
    if (this.#inputFrom.size > MAX_REMEMBERED_CLIENTS && !oldest.done) this.#inputFrom.delete(oldest.value);
    link.send({ type: 'inputAck', received });
  }

  #activate(viewer: Viewer): void {
    if (this.#viewers[0] === viewer || !this.#viewers.includes(viewer)) return;
    this.#viewers = [viewer, ...this.#viewers.filter((one) => one !== viewer)];
    this.#applySize();
  }

  #applySize(): void {
    const active = this.#viewers[0];
    if (!active) return;
    const { cols, rows } = active.size;
    if (cols !== this.#size.cols || rows !== this.#size.rows) {
      this.#size = { cols, rows };
      this.#pty.resize(cols, rows);
    }
    for (const viewer of this.#viewers) viewer.link.send({ type: 'size', cols, rows, active: viewer === active });
  }
}

/** What a connected browser may do with its tab. */
export interface TabViewer {
  ack(offset: number): void;
  resize(size: Size): void;
  focus(): void;
  input(bytes: Uint8Array, byPerson: boolean): void;
  detach(): void;
}

/** What the system reports as a working folder holds no links. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
