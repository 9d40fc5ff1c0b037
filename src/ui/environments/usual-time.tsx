'use client';
/** “usually 8 s”: the median of this deployment's own launches. */
import { useFormat, useT } from '../messages/messages-provider.tsx';

export function UsualTime({ ms }: { ms: number }) {
  const t = useT();
  const format = useFormat();
  return <span className="nums">{t('environments.launching.usual', { duration: format.duration(ms) })}</span>;
}
