/**
 * Tells whoever reads the process's output that changes stay unstored: once when it begins, once when changes are refused for it,
 * and when it is over. What an operator's alert can hang on. Called from time to time by a background loop; asks the store nothing.
 */
import { conditionOf, isBehind } from '../../domain/database-log.ts';
import type { Deps } from '../deps.ts';

export function createLogAlarm({ databaseLog, now, log }: Pick<Deps, 'databaseLog' | 'now' | 'log'>): () => void {
  let since: number | null = null;
  let refused = false;
  return () => {
    const state = databaseLog();
    if (!state) return;
    const condition = conditionOf(state, now());
    const facts = { oldestUnstoredMs: Math.round(state.undurableAgeMs), storeError: state.store.lastError };
    if (condition === 'late' || condition === 'unreachable') {
      if (since === null) log.warn('the log of the database is behind its store', { condition, ...facts });
      since ??= now();
    }
    if (isBehind(state) && !refused) {
      refused = true;
      log.error('changes are refused: those before them are not stored', facts);
    }
    if (condition !== 'stored' || since === null) return;
    log.info('the log of the database is up to date again', { afterMs: now() - since });
    since = null;
    refused = false;
  };
}
