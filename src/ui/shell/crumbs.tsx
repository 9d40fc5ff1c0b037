'use client';
/** The breadcrumb of the top bar: the section comes from the address, a page adds what lies below it. */
import { usePathname } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Breadcrumb, type Crumb } from '../primitives/breadcrumb.tsx';
import { DESTINATIONS, isUnder, SETTINGS_HREF } from './navigation.ts';

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

export function PageCrumbs({ className }: { className?: string }) {
  const t = useT();
  const pathname = usePathname();
  const tail = useContext(TailContext);
  const crumbs = useMemo(() => {
    const section = DESTINATIONS.find(({ href }) => isUnder(pathname, href));
    const first: Crumb[] = section
      ? [{ label: t(section.label), href: section.href }]
      : isUnder(pathname, SETTINGS_HREF)
        ? [{ label: t('nav.settings'), href: SETTINGS_HREF }]
        : [];
    return tail?.pathname === pathname ? [...first, ...tail.crumbs] : first;
  }, [pathname, tail, t]);
  return <Breadcrumb crumbs={crumbs} className={className} />;
}
