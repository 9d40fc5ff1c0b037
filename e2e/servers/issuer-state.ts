/** What an issuer keeps: people, codes, sessions, grants. It outlives a rotation of keys, for which the issuer is built anew. */
import type { Adapter } from 'oidc-provider';

/** Somebody who can sign in. */
export interface Person {
  subject: string;
  email: string;
  emailVerified: boolean;
  name: string;
  password: string;
  groups?: readonly string[];
  /** Further claims of the id_token. */
  claims?: Record<string, unknown>;
}

interface Entry {
  payload: Record<string, unknown>;
  expiresAt: number;
}

export interface IssuerState {
  /** For oidc-provider, which makes one of it for each kind of thing that it keeps. */
  adapter: new (
    kind: string,
  ) => Adapter;
  /** As if everything of a kind had been given long ago. */
  expire(kind: string): void;
}

export function issuerState(): IssuerState {
  const entries = new Map<string, Entry>();
  const adapter = class implements Adapter {
    readonly #kind: string;
    constructor(kind: string) {
      this.#kind = kind;
    }
    #key(id: string): string {
      return `${this.#kind} ${id}`;
    }
    async upsert(id: string, payload: Record<string, unknown>, expiresIn: number): Promise<void> {
      entries.set(this.#key(id), { payload, expiresAt: Date.now() + expiresIn * 1000 });
    }
    async find(id: string): Promise<Record<string, unknown> | undefined> {
      const entry = entries.get(this.#key(id));
      return entry && entry.expiresAt > Date.now() ? entry.payload : undefined;
    }
    async #findBy(field: string, value: string): Promise<Record<string, unknown> | undefined> {
      for (const [key, { payload }] of entries)
        if (key.startsWith(`${this.#kind} `) && payload[field] === value) return payload;
      return undefined;
    }
    findByUserCode(code: string): Promise<Record<string, unknown> | undefined> {
      return this.#findBy('userCode', code);
    }
    findByUid(uid: string): Promise<Record<string, unknown> | undefined> {
      return this.#findBy('uid', uid);
    }
    async consume(id: string): Promise<void> {
      const entry = entries.get(this.#key(id));
      if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
    }
    async destroy(id: string): Promise<void> {
      entries.delete(this.#key(id));
    }
    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
    }
  };
  return {
    adapter,
    expire(kind) {
      for (const [key, entry] of entries) if (key.startsWith(`${kind} `)) entry.expiresAt = 0;
    },
  };
}
