/** Rows of milliseconds. */
import { EMPTY } from '../process.ts';
import { median, type Row } from '../report.ts';

/** What an empty Node process takes on the machine for which goals are written. */
const QUIET_MS = 40;

/** A goal for a quiet machine; on a busy one as many times an empty process as it is there. @param empty its times in the same run */
export function withinMs(
  measure: string,
  ours: number,
  { empty, most }: { empty: readonly number[]; most: number },
): Row {
  const peer = median(empty);
  const times = most / QUIET_MS;
  return {
    ...besideMs(measure, ours, { peer, peerName: EMPTY }),
    goal: `≤ ${most.toLocaleString('en')} ms, on a busy machine ≤ ${times} × beside`,
    ok: ours <= most || ours <= times * peer,
  };
}

export function besideMs(measure: string, ours: number, { peer, peerName }: { peer: number; peerName: string }): Row {
  return { measure, ours, peer, peerName, ratio: ours / peer, unit: 'ms', goal: 'for scale', ok: true };
}
