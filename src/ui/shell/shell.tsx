'use client';
/**
 * The frame around every page of the console: skip link, rail or bottom tabs, top bar, palette, shortcuts, notices.
 * Knows no data of its own: the viewer, the deployment and the live state come from the console layout.
 */
import { useRouter } from 'next/navigation';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import type { Preferences, Role } from '../../domain/user.ts';
import { useT } from '../messages/messages-provider.tsx';
import { BottomTabs } from './bottom-tabs.tsx';
import { CrumbsProvider } from './crumbs.tsx';
import type { LiveState } from './live-indicator.tsx';
import { LAUNCH_HREF } from './navigation.ts';
import { NoticeBar } from './notice-bar.tsx';
import { Rail } from './rail.tsx';
import { ShortcutsProvider, useShortcut } from './shortcuts.tsx';
import { applyLook } from './theme.ts';
import { TopBar } from './top-bar.tsx';
import { AttentionContext, useDestinations, ViewerRoleContext } from './viewer-role.ts';

const Palette = lazy(async () => ({ default: (await import('../palette/palette.tsx')).Palette }));
const ShortcutSheet = lazy(async () => ({ default: (await import('./shortcut-sheet.tsx')).ShortcutSheet }));

export interface ShellViewer {
  name: string;
  email: string;
  role: Role;
  preferences: Preferences;
}

export interface ShellDeployment {
  name: string;
  /** Several people share this machine's account: say that they are not isolated from one another. */
  localUsers?: boolean;
}

interface ShellProps {
  viewer: ShellViewer;
  deployment: ShellDeployment;
  live: LiveState;
  /** How many things ask for the viewer at a destination, by its address. */
  attention: Readonly<Record<string, number>>;
  /** Keeps a changed preference on the server. Look and layout change at once, whatever comes of it. */
  onPreferences: (change: Partial<Preferences>) => void;
  children: ReactNode;
}

export function Shell(props: ShellProps) {
  return (
    <ViewerRoleContext value={props.viewer.role}>
      <AttentionContext value={props.attention}>
        <ShortcutsProvider>
          <CrumbsProvider>
            <Frame {...props} />
          </CrumbsProvider>
        </ShortcutsProvider>
      </AttentionContext>
    </ViewerRoleContext>
  );
}

function Frame({ viewer, deployment, live, onPreferences, children }: ShellProps) {
  const t = useT();
  const destinations = useDestinations();
  const { theme: storedTheme, density, railCollapsed } = viewer.preferences;
  const [theme, setTheme] = useState(storedTheme);
  const [collapsed, setCollapsed] = useState(railCollapsed);
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null);
  // Loaded with its first opening and kept, so that closing can animate.
  const [loaded, setLoaded] = useState({ palette: false, shortcuts: false });

  // A device that signs in for the first time has no cookies yet; another device may have changed the choice.
  useEffect(() => {
    setTheme(storedTheme);
    applyLook({ theme: storedTheme, density });
  }, [storedTheme, density]);

  const show = (what: 'palette' | 'shortcuts') => {
    setLoaded((before) => ({ ...before, [what]: true }));
    setOpen(what);
  };
  useShortcut('mod+k', () => show('palette'));
  useShortcut('?', () => show('shortcuts'));
  useShortcut('/', () => {
    const search = document.querySelector<HTMLElement>('[data-page-search]');
    if (search) search.focus();
    else show('palette');
  });

  return (
    <>
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-sm bg-accent px-3 py-2 font-medium text-on-accent focus:translate-y-0"
      >
        {t('nav.skip')}
      </a>
      {destinations.map(({ key, href }) => (
        <GoShortcut key={key} keys={`g ${key}`} href={href} />
      ))}
      <GoShortcut keys="l" href={LAUNCH_HREF} />
      <div className="flex min-h-dvh">
        <Rail
          deploymentName={deployment.name}
          collapsed={collapsed}
          onCollapsed={(next) => {
            setCollapsed(next);
            onPreferences({ railCollapsed: next });
          }}
        />
        <div className="flex min-w-0 flex-1 flex-col pb-[calc(56px+env(safe-area-inset-bottom))] md:pb-0">
          {deployment.localUsers ? <NoticeBar href="/help/people">{t('notice.localUsers')}</NoticeBar> : null}
          <TopBar
            live={live}
            onPalette={() => show('palette')}
            account={{
              name: viewer.name,
              email: viewer.email,
              theme,
              onTheme: (next) => {
                setTheme(next);
                applyLook({ theme: next });
                onPreferences({ theme: next });
              },
              onShortcuts: () => show('shortcuts'),
            }}
          />
          <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
            {children}
          </main>
        </div>
      </div>
      <BottomTabs />
      <Suspense fallback={null}>
        {loaded.palette ? (
          <Palette open={open === 'palette'} onOpenChange={(next) => setOpen(next ? 'palette' : null)} />
        ) : null}
        {loaded.shortcuts ? (
          <ShortcutSheet open={open === 'shortcuts'} onOpenChange={(next) => setOpen(next ? 'shortcuts' : null)} />
        ) : null}
      </Suspense>
    </>
  );
}

/** One shortcut that leads to a page. A component of its own, so that the list can be data. */
function GoShortcut({ keys, href }: { keys: string; href: string }) {
  const router = useRouter();
  useShortcut(keys, () => router.push(href));
  return null;
}
