'use client';
/** The breadcrumb of the top bar: the section comes from the address, a page adds what lies below it. */
import { usePathname } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import type { Translate } from '../messages/translate.ts';
import { Breadcrumb, type Crumb } from '../primitives/breadcrumb.tsx';
import { ADMIN_DESTINATIONS, DESTINATIONS, type Destination, isUnder, SETTINGS_HREF } from './navigation.ts';

interface Tail {
  pathname: string;
  crumbs: readonly Crumb[];
}

const TailContext = createContext<Tail | null>(null);
const SetTailContext = createContext<((tail: Tail | null) => void) | null>(null);

export function CrumbsProvider({ children }: { children: ReactNode }) {
  const [tail, setTail] = useState<Tail | null>(null);
  return (
    <SetTailContext value={setTail}>
      <TailContext value={tail}>{children}</TailContext>
    </SetTailContext>
  );
}

/** What stands after the section: `usePageCrumbs([{ label: environment.name }])`. Plain data; compared by content. */
export function usePageCrumbs(crumbs: readonly Crumb[]): void {
  const setTail = useContext(SetTailContext);
  const pathname = usePathname();
  const text = JSON.stringify(crumbs);
  useEffect(() => {
    setTail?.({ pathname, crumbs: JSON.parse(text) });
    return () => setTail?.(null);
  }, [setTail, pathname, text]);
}

function sectionCrumbs(t: Translate, pathname: string): Crumb[] {
  const within = ({ href }: Destination) => isUnder(pathname, href);
  const section = DESTINATIONS.find(within);
  if (section) return [{ label: t(section.label), href: section.href }];
  const admin = ADMIN_DESTINATIONS.find(within);
  if (admin) return [{ label: t('nav.admin') }, { label: t(admin.label), href: admin.href }];
  return isUnder(pathname, SETTINGS_HREF) ? [{ label: t('nav.settings'), href: SETTINGS_HREF }] : [];
}

export function PageCrumbs({ className }: { className?: string }) {
  const t = useT();
  const pathname = usePathname();
  const tail = useContext(TailContext);
  const crumbs = useMemo(() => {
    const first = sectionCrumbs(t, pathname);
    return tail?.pathname === pathname ? [...first, ...tail.crumbs] : first;
  }, [pathname, tail, t]);
  return <Breadcrumb crumbs={crumbs} className={className} />;
}
