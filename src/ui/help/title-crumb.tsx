'use client';
/** Lets a server-rendered article name itself in the breadcrumb. */
import { usePageCrumbs } from '../shell/crumbs.tsx';

export function TitleCrumb({ title }: { title: string }) {
  usePageCrumbs([{ label: title }]);
  return null;
}
