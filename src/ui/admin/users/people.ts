/** People as the pages of administrators have them, and what the address asks of their list. Pure. */
import { TIERS } from '../../../domain/quota.ts';
import { ROLES } from '../../../domain/user.ts';
import type { Sort } from '../../primitives/table-types.ts';
import type { Inputs, Outputs } from '../../trpc-client.tsx';

export type PersonRow = Outputs['admin']['users']['list']['people'][number];
export type PersonDetail = Outputs['admin']['users']['get'];
export type Invitation = Outputs['admin']['invitations']['list']['invitations'][number];
type PeopleRequest = Inputs['admin']['users']['list'];
type Order = NonNullable<PeopleRequest['order']>;

export const STATES = ['active', 'deactivated', 'awaiting'] as const;
export type PersonState = (typeof STATES)[number];

/** What can be filtered by, as parameters of the address. */
export const FILTERS = { role: ROLES, tier: TIERS, state: STATES } as const;
export const FILTER_NAMES = ['role', 'tier', 'state'] as const satisfies (keyof typeof FILTERS)[];

/** Ids of the table's columns are orders of the server. */
const ORDERS: readonly Order[] = ['name', 'email', 'role', 'tier', 'lastSeen', 'created'];
const BY_NAME: Sort = { id: 'name', desc: false };

export const PEOPLE_PAGE = 100;

export function stateOf({
  active,
  awaitsApprovalSince,
}: Pick<PersonRow, 'active' | 'awaitsApprovalSince'>): PersonState {
  if (awaitsApprovalSince !== null) return 'awaiting';
  return active ? 'active' : 'deactivated';
}

/** A value that the address holds by mistake filters nothing. */
export function readFilter<Name extends keyof typeof FILTERS>(
  name: Name,
  value: string | null,
): (typeof FILTERS)[Name][number] | null {
  const known: readonly (typeof FILTERS)[Name][number][] = FILTERS[name];
  return known.find((one) => one === value) ?? null;
}

/** The order in the address: `name` ascending, `-name` descending. */
export function readPeopleSort(text: string | null): Sort {
  const id = text?.replace(/^-/, '') ?? '';
  return ORDERS.some((order) => order === id) ? { id, desc: text?.startsWith('-') === true } : BY_NAME;
}

/** null for the order that holds unasked. */
export function writePeopleSort({ id, desc }: Sort): string | null {
  if (id === BY_NAME.id && !desc) return null;
  return desc ? `-${id}` : id;
}

/** What the list is asked for. Nobody who waits counts as deactivated. */
export function peopleRequest(get: (name: string) => string | null): Omit<PeopleRequest, 'cursor'> {
  const { id, desc } = readPeopleSort(get('sort'));
  const role = readFilter('role', get('role'));
  const tier = readFilter('tier', get('tier'));
  const state = readFilter('state', get('state'));
  const search = get('q')?.trim().slice(0, 200);
  return {
    order: ORDERS.find((order) => order === id) ?? 'name',
    descending: desc,
    limit: PEOPLE_PAGE,
    ...(search ? { search } : {}),
    ...(role ? { role } : {}),
    ...(tier ? { tier } : {}),
    ...(state === 'active' ? { active: true } : {}),
    ...(state === 'deactivated' ? { active: false, awaiting: false } : {}),
    ...(state === 'awaiting' ? { awaiting: true } : {}),
  };
}

/** Whoever has waited longest comes first. */
export const AWAITING_REQUEST = { awaiting: true, order: 'created', limit: 5 } as const satisfies PeopleRequest;
