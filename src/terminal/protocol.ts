/**
 * What the Terminal's server and page say to each other. Shared by both sides, so it imports neither Node nor the DOM.
 *
 * `/pty/<tabId>`: text frames are the JSON messages below. Binary frames from the server are raw output; their offsets follow
 * from the last `sync` message, so output is addressed by byte for its whole life. Binary frames from the browser carry one
 * leading byte that says whether a person or the terminal emulator wrote the rest.
 * `/events`: the server sends the list of tabs whenever it changes; the browser sends only `ping`.
 */

export interface TabExit {
  code: number;
  /** Signal name such as SIGKILL, or null. */
  signal: string | null;
}

export interface TabInfo {
  id: string;
  /** What to show: the given name, else the program's title, else what runs, else where the shell stands. */
  label: string;
  /** Given by a person; null = none. */
  name: string | null;
  /** Last title set by a program (OSC 0 or 2); empty when none. */
  title: string;
  pid: number;
  /** A program other than the shell holds the foreground. */
  busy: boolean;
  /** Name of that program; null when not busy or unknown. */
  foreground: string | null;
  cwd: string | null;
  /** Set once the shell has ended and no new one was started. */
  exit: TabExit | null;
}

export type ClientMessage =
  /**
   * First message of a connection. `client` names this page's view of the tab over all its connections; `offset`: first byte of
   * output that it does not have, null = it has nothing; `active`: a person is at it now, so its size counts.
   */
  | { type: 'attach'; client: string; offset: number | null; active: boolean; cols: number; rows: number }
  /** Everything before `offset` has been shown. */
  | { type: 'ack'; offset: number }
  | { type: 'resize'; cols: number; rows: number }
  /** A person works in this browser now: its size counts. */
  | { type: 'focus' }
  | { type: 'ping' };

export type ServerMessage =
  /**
   * The next output byte has offset `from`. With `reset` the browser clears its screen first and writes `prelude`.
   * Queries in the output before `quietUntil` were answered earlier, or are too old to answer.
   */
  | { type: 'sync'; from: number; reset: boolean; prelude: string; quietUntil: number }
  /** Size of the terminal now; `active` = this browser decides it. */
  | { type: 'size'; cols: number; rows: number; active: boolean }
  /** So many bytes of this client's person have been taken in all. First message of a connection, then after each input. */
  | { type: 'inputAck'; received: number }
  /** The program does not read its input; so many bytes were not delivered. */
  | { type: 'inputRefused'; bytes: number }
  | { type: 'pong' };

export type EventMessage = { type: 'tabs'; tabs: TabInfo[] } | { type: 'pong' };

export const INPUT_BY_PERSON = 0;
/** The emulator's own reply to a query, for example a cursor position report. Taken from one browser only. */
export const INPUT_BY_EMULATOR = 1;

/** Close codes of `/pty/<tabId>` beyond those of RFC 6455. */
export const CLOSED_TAB_GONE = 4404;
export const CLOSED_BAD_MESSAGE = 4400;
/** The same client has connected again. */
export const CLOSED_REPLACED = 4409;

export const MAX_COLS = 1000;
export const MAX_ROWS = 500;
export const MAX_TABS = 24;
export const MAX_NAME_LENGTH = 64;
/** Longest frame that either side sends. */
export const MAX_FRAME_BYTES = 64 * 1024;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isSpan = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;

/** The message, or null when the text is not one: the server then closes the connection. */
export function parseClientMessage(text: string): ClientMessage | null {
  const value = parse(text);
  if (!value) return null;
  const { type, client, offset, active, cols, rows } = value;
  switch (type) {
    case 'attach':
      if (typeof client !== 'string' || !/^[\w-]{1,40}$/.test(client)) return null;
      if ((offset !== null && !isOffset(offset)) || typeof active !== 'boolean') return null;
      return isSpan(cols, MAX_COLS) && isSpan(rows, MAX_ROWS) ? { type, client, offset, active, cols, rows } : null;
    case 'ack':
      return isOffset(offset) ? { type, offset } : null;
    case 'resize':
      return isSpan(cols, MAX_COLS) && isSpan(rows, MAX_ROWS) ? { type, cols, rows } : null;
    case 'focus':
    case 'ping':
      return { type };
    default:
      return null;
  }
}

/** A name as it may be kept: one line, trimmed, at most MAX_NAME_LENGTH characters; empty = no name of its own. */
export function cleanName(value: string): string {
  return [...stripControls(value).trim()].slice(0, MAX_NAME_LENGTH).join('');
}

/** Removes control characters and those that reorder text, so that a title cannot disguise itself. */
export function stripControls(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}
