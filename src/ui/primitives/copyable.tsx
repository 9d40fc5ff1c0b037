'use client';
/** Text that is meant to be copied: an id, a path, a command. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from './button.tsx';
import { cx } from './class-names.ts';
import { IconButton } from './icon-button.tsx';
import { toast } from './toast.ts';

const SHOW_DONE_MS = 1500;

function useCopy(text: string): { copied: boolean; copy: () => void } {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOW_DONE_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  // navigator.clipboard is missing on plain http beyond loopback.
  const copy = () => {
    const done = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    done.then(
      () => setCopied(true),
      () => toast.error(t('action.copyFailed')),
    );
  };
  return { copied, copy };
}

function CopyIcon({ copied }: { copied: boolean }) {
  return copied ? <Check className="icon text-running" aria-hidden /> : <Copy className="icon" aria-hidden />;
}

export function CopyButton({ text, label, className }: { text: string; label: string; className?: string }) {
  const t = useT();
  const { copied, copy } = useCopy(text);
  return (
    <Button size="sm" onClick={copy} className={className} icon={<CopyIcon copied={copied} />}>
      <span aria-live="polite">{copied ? t('action.copied') : label}</span>
    </Button>
  );
}

interface CopyableProps {
  text: string;
  /** What is shown, when it differs from what is copied. */
  children?: string;
  /** A framed line (commands) instead of plain text (ids). */
  block?: boolean;
  className?: string;
}

export function Copyable({ text, children, block = false, className }: CopyableProps) {
  const t = useT();
  const { copied, copy } = useCopy(text);
  return (
    <span
      className={cx(
        'min-w-0 max-w-full items-center gap-1 font-mono',
        block ? 'flex justify-between rounded-sm border border-line bg-sunken py-1 pr-1 pl-3 text-sm' : 'inline-flex',
        className,
      )}
    >
      <code className={block ? 'min-w-0 select-all break-words text-ink' : 'truncate text-sm'}>{children ?? text}</code>
      <IconButton
        size="sm"
        label={copied ? t('action.copied') : t('action.copy')}
        icon={<CopyIcon copied={copied} />}
        onClick={copy}
      />
    </span>
  );
}
