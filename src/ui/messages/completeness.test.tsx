/** Draws components in the pseudo language: whatever appears unmarked was written into a component instead of the catalog. */
import { PathnameContext } from 'next/dist/shared/lib/hooks-client-context.shared-runtime.js';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Copyable } from '../primitives/copyable.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { LogView } from '../primitives/log-view.tsx';
import { SearchInput } from '../primitives/search-input.tsx';
import { Table } from '../primitives/table.tsx';
import { Timeline } from '../primitives/timeline.tsx';
import { BottomTabs } from '../shell/bottom-tabs.tsx';
import { CrashPage } from '../shell/crash-page.tsx';
import { LiveIndicator } from '../shell/live-indicator.tsx';
import { Rail } from '../shell/rail.tsx';
import { TopBar } from '../shell/top-bar.tsx';
import { LinkRefusal } from '../sign-in/link-refusal.tsx';
import { LinkSignIn } from '../sign-in/link-sign-in.tsx';
import { en } from './en.ts';
import { MessagesProvider } from './messages-provider.tsx';
import { pseudoLanguage } from './pseudo.ts';

const PSEUDO = pseudoLanguage(en);
/** Data of the samples, product names, commands, key caps and codes: not for translation. */
const DATA =
  /^(\d[\d.,:/ ]*|Ada Lovelace|AL|CMBCluster|npm start -- link|http:\/\/…\/sign-in#link=…|row-\d|Ctrl|⌘|[A-Z/?]|Esc|internal|4711|.*UTC|, |“|”)$/;

function words(node: ReactNode): string[] {
  const html = renderToStaticMarkup(
    <MessagesProvider spoken={PSEUDO} timeZone="UTC">
      <PathnameContext value="/environments">{node}</PathnameContext>
    </MessagesProvider>,
  );
  const spoken = [...html.matchAll(/ (?:aria-label|data-tip|placeholder|title|alt|aria-valuetext)="([^"]*)"/g)].map(
    (found) => found[1] ?? '',
  );
  const text = html.replace(/<[^>]*>/g, '\n').split('\n');
  return [...spoken, ...text]
    .map((part) => part.replaceAll('&quot;', '"').replaceAll('&amp;', '&').trim())
    .filter(Boolean);
}

const nothing = () => {};
const SAMPLES: Record<string, ReactNode> = {
  Rail: <Rail deploymentName="CMBCluster" collapsed={false} onCollapsed={nothing} />,
  'Rail, collapsed': <Rail deploymentName="CMBCluster" collapsed onCollapsed={nothing} />,
  BottomTabs: <BottomTabs />,
  TopBar: (
    <TopBar
      live="live"
      onPalette={nothing}
      account={{ name: 'Ada Lovelace', email: '', theme: 'system', onTheme: nothing, onShortcuts: nothing }}
    />
  ),
  'LiveIndicator, reconnecting': <LiveIndicator state="reconnecting" />,
  LinkSignIn: <LinkSignIn next={null} signedInAs={null} />,
  'LinkRefusal, expired': <LinkRefusal refusal={{ kind: 'expired' }} onRetry={nothing} />,
  'LinkRefusal, invalid': <LinkRefusal refusal={{ kind: 'invalid' }} onRetry={nothing} />,
  'LinkRefusal, unreachable': <LinkRefusal refusal={{ kind: 'unreachable' }} onRetry={nothing} />,
  CrashPage: <CrashPage error={Object.assign(new Error(), { digest: '4711' })} onRetry={nothing} />,
  ErrorState: <ErrorState what="1" details={{ code: 'internal', at: 0, correlationId: '4711' }} />,
  LogView: <LogView lines={[]} />,
  SearchInput: <SearchInput label="1" value="2" onChange={nothing} />,
  Table: (
    <Table
      label="1"
      columns={[{ id: 'n', header: '2', cell: (row: { id: string }) => row.id }]}
      rows={[{ id: 'row-1' }]}
      rowKey={(row) => row.id}
      selected={new Set()}
      onSelectedChange={nothing}
    />
  ),
  Timeline: <Timeline label="1" steps={[{ id: 'a', title: '2', state: 'failed' }]} />,
  Copyable: <Copyable text="npm start -- link" />,
};

describe('components take every word from the catalog', () => {
  it.each(Object.entries(SAMPLES))('%s', (_name, node) => {
    const all = words(node);
    expect(all.some((word) => word.includes('⟦'))).toBe(true);
    expect(all.filter((word) => !word.includes('⟦') && !DATA.test(word))).toEqual([]);
  });
});
