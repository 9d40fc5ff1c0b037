'use client';
import { useT } from '../../messages/messages-provider.tsx';
import { looksLikeText } from '../file-kinds.ts';

const decoder = new TextDecoder();

/** The bytes as text, the last line only as far as it goes. null: they are no text. */
export function textOf(bytes: Uint8Array): string | null {
  const text = decoder.decode(bytes);
  return looksLikeText(text) ? text : null;
}

export function PlainText({ text }: { text: string | null }) {
  const t = useT();
  if (text === null) return <p className="text-ink-2">{t('storage.preview.none')}</p>;
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls with its frame, so the keyboard must reach it
      tabIndex={0}
      className="rounded-sm"
    >
      <pre className="whitespace-pre-wrap break-words font-mono text-sm leading-5">{text}</pre>
    </div>
  );
}
