'use client';
/** What the palette offers besides pages and help: screens add their things and actions while they are on the page. */
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';

export interface PaletteItem {
  id: string;
  /** Heading it stands under, already translated: “Environments”. */
  group: string;
  title: string;
  /** Behind the title: a status, a path. */
  hint?: string;
  icon?: ReactNode;
  /** Further words that find it. */
  keywords?: string[];
  /** Where it leads, or what it does. */
  href?: string;
  run?: () => void;
}

type Sources = Map<symbol, readonly PaletteItem[]>;

const SourcesContext = createContext<Sources | null>(null);

export function PaletteItemsProvider({ children }: { children: ReactNode }) {
  const sources = useRef<Sources>(new Map());
  return <SourcesContext value={sources.current}>{children}</SourcesContext>;
}

/** Adds items while the component is mounted. The palette reads them when it opens. */
export function usePaletteItems(items: readonly PaletteItem[]): void {
  const sources = useContext(SourcesContext);
  const key = useRef(Symbol('palette source'));
  useEffect(() => {
    sources?.set(key.current, items);
  });
  useEffect(() => {
    const own = key.current;
    return () => void sources?.delete(own);
  }, [sources]);
}

/** For the palette itself. */
export function useAllPaletteItems(): () => PaletteItem[] {
  const sources = useContext(SourcesContext);
  return () => [...(sources?.values() ?? [])].flat();
}
