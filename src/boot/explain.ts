import { isAppError } from '../domain/errors.ts';
import { ConfigError } from './config.ts';
import { explainLog } from './database/explain-log.ts';

/** What went wrong and what to do, for a person at a terminal. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    const problems = error.problems.map(({ variable, message }) => `  ${variable}\n    ${message}`);
    return `CMBCluster cannot start: ${error.message}.\n\n${problems.join('\n')}\n`;
  }
  const ofLog = explainLog(error);
  if (ofLog !== null) return `CMBCluster cannot start. ${ofLog}`;
  if (isAppError(error)) return `CMBCluster cannot start. ${error.message}`;
  if (error instanceof Error && error.name === 'DatabaseError') return `CMBCluster cannot start. ${error.message}`;
  return `CMBCluster cannot start.\n${error instanceof Error ? error.stack : String(error)}`;
}
