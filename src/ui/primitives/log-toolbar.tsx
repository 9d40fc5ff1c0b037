'use client';
/** Search, follow and wrap controls above a log. */
import { ArrowDownToLine, ChevronDown, ChevronUp, Search, WrapText } from 'lucide-react';
import type { ReactNode } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from './icon-button.tsx';
import { Input } from './input.tsx';

interface LogToolbarProps {
  query: string;
  onQuery: (query: string) => void;
  /** How many lines match, and which of them is shown (0-based). */
  matches: number;
  current: number;
  onStep: (by: 1 | -1) => void;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  actions: ReactNode;
}

export function LogToolbar({
  query,
  onQuery,
  matches,
  current,
  onStep,
  follow,
  onFollow,
  wrap,
  onWrap,
  actions,
}: LogToolbarProps) {
  const t = useT();
  return (
    <div className="flex flex-wrap items-center gap-1 border-line border-b p-2">
      <Input
        type="search"
        data-page-search
        aria-label={t('log.search')}
        placeholder={t('log.search')}
        value={query}
        spellCheck={false}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape' && query) {
            event.stopPropagation();
            onQuery('');
          }
        }}
        lead={<Search className="icon" aria-hidden />}
        className="min-w-40 flex-1 sm:max-w-72"
      />
      {query ? (
        <>
          <span aria-live="polite" className="nums px-1 text-ink-2 text-sm">
            {matches > 0 ? t('log.position', { current: current + 1, total: matches }) : t('log.matches', { count: 0 })}
          </span>
          <IconButton
            label={t('log.previous')}
            icon={<ChevronUp className="icon" aria-hidden />}
            disabled={matches === 0}
            onClick={() => onStep(-1)}
          />
          <IconButton
            label={t('log.next')}
            icon={<ChevronDown className="icon" aria-hidden />}
            disabled={matches === 0}
            onClick={() => onStep(1)}
          />
        </>
      ) : null}
      <span className="ml-auto flex items-center gap-1">
        <IconButton
          label={t('log.wrap')}
          pressed={wrap}
          icon={<WrapText className="icon" aria-hidden />}
          onClick={() => onWrap(!wrap)}
        />
        <IconButton
          label={t('log.follow')}
          pressed={follow}
          icon={<ArrowDownToLine className="icon" aria-hidden />}
          onClick={() => onFollow(!follow)}
        />
        {actions}
      </span>
    </div>
  );
}
