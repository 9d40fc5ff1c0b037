/**
 * How the sealed texts of a database begin, which names their keys: for a look from outside, such as the doctor's, that must neither
 * migrate nor change anything. Works beside a running server.
 */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';

const SEALED = [
  { what: 'variable', table: 'user_variables', column: 'sealed' },
  { what: 'file', table: 'secret_files', column: 'sealed' },
  { what: 'launch', table: 'environments', column: 'sealed_env' },
] as const;

export interface SealedStart {
  what: (typeof SEALED)[number]['what'];
  start: string;
  count: number;
}

/** Empty when there is no database yet. @throws the driver's error when it cannot be read */
export function sealedStarts(file: string, length: number): SealedStart[] {
  if (!existsSync(file)) return [];
  const sqlite = new Database(file, { readonly: true });
  try {
    const has = sqlite.prepare("select count(*) from sqlite_master where type = 'table' and name = ?").pluck();
    return SEALED.flatMap(({ what, table, column }) =>
      has.get(table) === 0
        ? []
        : sqlite
            .prepare<[number], { start: string; count: number }>(
              `select substr(${column}, 1, ?) as start, count(*) as count from ${table} where ${column} is not null group by 1`,
            )
            .all(length)
            .map((row) => ({ what, ...row })),
    );
  } finally {
    sqlite.close();
  }
}
