'use client';
/** One slim line above the page for what everybody must know. */
import { Info } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useT } from '../messages/messages-provider.tsx';

export function NoticeBar({ children, href }: { children: ReactNode; href?: string }) {
  const t = useT();
  return (
    <section
      aria-label={t('notice.label')}
      className="flex items-start gap-2 border-line border-b bg-warning-soft px-4 py-1.5 text-sm text-warning md:px-6"
    >
      <Info className="icon mt-0.5" aria-hidden />
      <p className="min-w-0">
        {children}{' '}
        {href ? (
          <Link href={href} className="whitespace-nowrap font-medium underline underline-offset-2">
            {t('notice.learnMore')}
          </Link>
        ) : null}
      </p>
    </section>
  );
}
