import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { CatalogScreen } from '../../../ui/catalog/catalog-screen.tsx';
import { translator } from '../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('catalog.title') };

/** The catalog stays where it is while the launch form opens above it. */
export default function CatalogLayout({ children }: { children: ReactNode }) {
  return <CatalogScreen>{children}</CatalogScreen>;
}
