'use client';
/** Says that every place for environments is taken, and leads to what runs. */
import { TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { useT } from '../messages/messages-provider.tsx';
import { type Allowance, isFull } from './launch-size.ts';

export function FullNotice({ allowance }: { allowance: Allowance | undefined }) {
  const t = useT();
  if (!allowance || !isFull(allowance)) return null;
  const { usage, limits } = allowance;
  return (
    <p className="mb-4 flex items-start gap-2 rounded-md bg-warning-soft px-3 py-2 text-warning">
      <TriangleAlert className="icon mt-0.5" aria-hidden />
      <span>
        {t('catalog.full', { used: usage.environments, max: limits.environments })}{' '}
        <Link
          href="/environments?status=running,starting"
          className="whitespace-nowrap rounded-sm font-medium underline underline-offset-2"
        >
          {t('catalog.fullAction')}
        </Link>
      </span>
    </p>
  );
}
