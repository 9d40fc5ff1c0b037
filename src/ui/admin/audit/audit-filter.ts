/** Filters of the audit trail, as the address holds them. */
import { TARGET_KINDS } from '../../../domain/audit.ts';
import type { UserId } from '../../../domain/ids.ts';
import { readAction, readRange, readResult, sinceOf } from '../../activity/trail.ts';

export const FILTER_NAMES = ['action', 'result', 'range', 'kind', 'actor', 'owner', 'target'] as const;

const USER = /^usr-[0-9a-z]{20}$/;
const isUser = (value: string | null): value is UserId => value !== null && USER.test(value);

/** What is no filter is left out, so that an address that was cut still shows the trail. */
export function auditFilter(get: (name: string) => string | null, now: number) {
  const actor = get('actor');
  const owner = get('owner');
  return {
    text: get('q')?.slice(0, 200) || undefined,
    action: readAction(get),
    result: readResult(get),
    since: sinceOf(readRange(get), now),
    targetKind: TARGET_KINDS.find((kind) => kind === get('kind')),
    actor: actor === 'system' ? ('system' as const) : isUser(actor) ? actor : undefined,
    owner: isUser(owner) ? owner : undefined,
    targetId: get('target')?.slice(0, 64) || undefined,
  };
}
