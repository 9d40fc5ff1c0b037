'use client';
/** An entry in plain words. Who and what stand out; what still exists and is one's own is a link. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { type Entry, hrefOf, isAction } from './trail.ts';

/** Stand for who and what while the sentence is made: characters of private use, which no name may hold. */
const WHO = '\uE000';
const WHAT = '\uE001';

/** Events that tell of the failure themselves. */
const OWN_WORDS: readonly string[] = [
  'environment.failed',
  'storage.failed',
  'environment.access',
  'storage.access',
  'admin.call',
  'session.refused',
];

interface SentenceProps {
  entry: Entry;
  /** The id of who reads it. */
  viewer: string | undefined;
}

export function useSentence() {
  const t = useT();
  return ({ action, result }: Entry): string => {
    const marks = { who: WHO, target: WHAT };
    if (!isAction(action)) return t('activity.other', { ...marks, action });
    if (result === 'done' || OWN_WORDS.includes(action)) return t(`activity.did.${action}`, marks);
    return t('activity.refused', { ...marks, deed: t(`activity.deed.${action}`) });
  };
}

export function Sentence({ entry, viewer }: SentenceProps) {
  const t = useT();
  const sentence = useSentence();
  const who = entry.actor.id !== null && entry.actor.id === viewer ? t('activity.you') : entry.actor.name;
  const what = entry.target.name ?? t('activity.something');
  const href = hrefOf(entry, viewer);
  const target: ReactNode = href ? (
    <Link
      href={href}
      className="rounded-sm font-medium underline decoration-line-strong underline-offset-2 hover:text-accent-ink"
    >
      {what}
    </Link>
  ) : (
    <span className="font-medium">{what}</span>
  );
  return (
    <>
      {sentence(entry)
        .split(/([\uE000\uE001])/)
        .map((part, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one sentence never move
          <span key={at}>{part === WHO ? who : part === WHAT ? target : part}</span>
        ))}
    </>
  );
}
