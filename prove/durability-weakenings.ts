/** Rules of the database's log, each as the text that holds it and the text without, and the violence that must then lose something. Read by durability.ts. */
import type { Wishes } from './durability-rounds.ts';

export interface LogWeakening {
  readonly what: string;
  readonly changes: readonly { readonly file: string; readonly from: string; readonly to: string }[];
  readonly wishes: Omit<Wishes, 'tree'>;
}

const REPLICATION = 'prisma-free-db/replication';

export const LOG_WEAKENINGS: readonly LogWeakening[] = [
  {
    what: 'commits are acknowledged before they are stored',
    changes: [
      {
        file: `${REPLICATION}/pump.ts`,
        from: 'if (batch) await this.#store(batch);',
        to: 'tickets.release();\n      if (batch) await this.#store(batch);',
      },
    ],
    wishes: { kinds: ['random'], foreignCheckpoints: false },
  },
  {
    what: 'a request without an answer counts as stored',
    changes: [
      {
        file: `${REPLICATION}/decide.ts`,
        from: "if (put?.answer === 'created')",
        to: "if (put === null || put.answer === 'created')",
      },
    ],
    wishes: { kinds: ['random'], faults: 0.15, foreignCheckpoints: false },
  },
  {
    what: 'nobody witnesses a checkpoint of others',
    changes: [
      {
        file: `${REPLICATION}/wal.ts`,
        from: 'row?.log !== frames || row.checkpointed !== 0',
        to: 'row?.log === -2',
      },
      {
        file: `${REPLICATION}/wal.ts`,
        from: 'if (fstatSync(fd).mtimeMs !== STAMP * 1_000)',
        to: 'if (fstatSync(fd).size < 0)',
      },
    ],
    wishes: { kinds: ['random'], foreignCheckpoints: true },
  },
  {
    what: 'a snapshot that failed forgets what it had set aside',
    changes: [
      {
        file: `${REPLICATION}/snapshot.ts`,
        from: 'if (this.#base?.to !== armed.to) this.#changed.add(pgno);',
        to: 'if (pgno < 0) this.#changed.add(pgno);',
      },
    ],
    wishes: { kinds: ['random'], refusedSnapshots: 0.5, foreignCheckpoints: false, lifeMs: 6_000 },
  },
  {
    what: 'seals are collected like all else',
    changes: [
      {
        file: `${REPLICATION}/gc.ts`,
        from: 'slot <= limit && !seals.has(slot)',
        to: 'slot <= limit && seals.size > 0',
      },
    ],
    wishes: { kinds: ['sleeper'], ttlMs: 20_000, foreignCheckpoints: false },
  },
];
