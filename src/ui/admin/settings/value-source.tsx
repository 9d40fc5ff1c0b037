'use client';
/** Where a value comes from: built in, a variable, or an administrator, then who and since when. */
import { useT } from '../../messages/messages-provider.tsx';
import { Time } from '../../primitives/time.tsx';
import type { Source } from './tiers.ts';

export function ValueSource({ source }: { source: Source }) {
  const t = useT();
  if (source.kind !== 'administrator')
    return <span className="block text-ink-3 text-xs">{t(`adminSettings.source.${source.kind}`)}</span>;
  const by = t('adminSettings.source.administrator', { name: source.by });
  return (
    <span className="block text-accent-ink text-xs" title={by}>
      <span className="block truncate">{by}</span>
      <Time at={source.at} as="short" />
    </span>
  );
}
