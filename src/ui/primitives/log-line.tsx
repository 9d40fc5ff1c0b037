'use client';
/** One line of a log: ANSI colours from the theme's palette, search hits marked. */
import { type CSSProperties, type ReactNode, useMemo } from 'react';
import { type AnsiStyle, parseAnsi } from './ansi.ts';
import { cx } from './class-names.ts';

function paint(value: number | string | null): string | undefined {
  if (value === null) return undefined;
  return typeof value === 'number' ? `var(--ansi-${value})` : value;
}

function css(style: AnsiStyle): CSSProperties {
  const color = paint(style.color);
  const background = paint(style.background);
  return {
    color: style.inverse ? (background ?? 'var(--c-surface)') : color,
    background: style.inverse ? (color ?? 'var(--c-ink)') : background,
    fontWeight: style.bold ? 600 : undefined,
    opacity: style.dim ? 0.75 : undefined,
    fontStyle: style.italic ? 'italic' : undefined,
    textDecoration: style.underline ? 'underline' : undefined,
  };
}

/** Marks each hit; a hit that crosses a colour change is marked in its parts. */
function marked(text: string, offset: number, hits: readonly [number, number][], current: boolean): ReactNode {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const [start, end] of hits) {
    const a = Math.max(start - offset, from);
    const b = Math.min(end - offset, text.length);
    if (b <= a) continue;
    if (a > from) parts.push(text.slice(from, a));
    parts.push(
      <mark key={a} className={cx('rounded-[2px] bg-mark text-ink', current && 'ring-2 ring-accent')}>
        {text.slice(a, b)}
      </mark>,
    );
    from = b;
  }
  if (parts.length === 0) return text;
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

interface LogLineTextProps {
  text: string;
  /** Ranges in the text without control sequences. */
  hits: readonly [number, number][];
  /** The line that the search stands on. */
  current: boolean;
}

export function LogLineText({ text, hits, current }: LogLineTextProps) {
  const spans = useMemo(() => parseAnsi(text).spans, [text]);
  let offset = 0;
  return spans.map((span, index) => {
    const at = offset;
    offset += span.text.length;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: spans are derived from the text and have no identity
      <span key={index} style={css(span.style)}>
        {hits.length > 0 ? marked(span.text, at, hits, current) : span.text}
      </span>
    );
  });
}
