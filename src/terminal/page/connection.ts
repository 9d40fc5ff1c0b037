/**
 * A WebSocket that comes back by itself: back-off with jitter, a heartbeat that notices a dead line, and at once when the
 * machine wakes or is online again. Knows nothing of what is said over it, but for `ping` and `pong`.
 */

export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'ended';

export interface ConnectionOptions {
  path: string;
  onOpen: () => void;
  onText: (text: string) => void;
  onBytes: (bytes: Uint8Array) => void;
  onState: (state: ConnectionState) => void;
  /** Whether a close with this code is final. */
  isFinal: (code: number) => boolean;
}

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 8000;
const PING_EVERY_MS = 10_000;
const SILENCE_MS = 20_000;

export class Connection {
  readonly #options: ConnectionOptions;
  #socket: WebSocket | null = null;
  #state: ConnectionState = 'connecting';
  #delayMs = FIRST_DELAY_MS;
  #retry: number | undefined;
  #heardAt = 0;
  readonly #heartbeat: number;
  readonly #wake = () => {
    if (document.visibilityState === 'visible') this.#retryNow();
  };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#heartbeat = window.setInterval(() => this.#beat(), PING_EVERY_MS);
    window.addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** @returns false when there is no open line; nothing is kept for later */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** For good. */
  end(): void {
    if (this.#state === 'ended') return;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retry);
    window.removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    this.#drop();
    this.#enter('ended');
  }

  #connect(): void {
    const url = new URL(this.#options.path, location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.onopen = () => {
      this.#delayMs = FIRST_DELAY_MS;
      this.#heardAt = performance.now();
      this.#enter('open');
      this.#options.onOpen();
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.#heardAt = performance.now();
      if (typeof event.data === 'string') this.#options.onText(event.data);
      else this.#options.onBytes(new Uint8Array(event.data));
    };
    socket.onclose = (event) => {
      if (this.#options.isFinal(event.code)) this.end();
      else this.#lost();
    };
  }

  #beat(): void {
    if (!this.#socket) return;
    if (performance.now() - this.#heardAt > SILENCE_MS) this.#lost();
    else this.send('{"type":"ping"}');
  }

  #lost(): void {
    this.#drop();
    this.#enter('reconnecting');
    clearTimeout(this.#retry);
    this.#retry = window.setTimeout(() => this.#connect(), this.#delayMs * (0.75 + Math.random() / 2));
    this.#delayMs = Math.min(MAX_DELAY_MS, this.#delayMs * 1.8);
  }

  #retryNow(): void {
    if (this.#state !== 'reconnecting' || this.#socket) return;
    clearTimeout(this.#retry);
    this.#delayMs = FIRST_DELAY_MS;
    this.#connect();
  }

  #drop(): void {
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #enter(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
