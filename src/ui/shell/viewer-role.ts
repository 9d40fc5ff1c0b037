'use client';
/** Whose application this is: what a role does not include is not offered. The server decides again at each call. */
import { createContext, useContext, useMemo } from 'react';
import type { Role } from '../../domain/user.ts';
import { type Destination, destinationsOf } from './navigation.ts';

export const ViewerRoleContext = createContext<Role>('user');

export function useViewerRole(): Role {
  return useContext(ViewerRoleContext);
}

/** How many things ask for the viewer at a destination, by its address. */
export const AttentionContext = createContext<Readonly<Record<string, number>>>({});

export function useAttention(href: string): number {
  return useContext(AttentionContext)[href] ?? 0;
}

/** Where the viewer may go. */
export function useDestinations(): readonly Destination[] {
  const role = useViewerRole();
  return useMemo(() => destinationsOf(role), [role]);
}
