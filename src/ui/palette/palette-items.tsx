'use client';
/** What the palette offers: pages and help at once, a person's own things as soon as they are read. */
import { AppWindow, BookOpen, HardDrive, LogOut, Rocket, Settings, SquareTerminal } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { launchHref } from '../catalog/application.ts';
import { environmentHref, openHref } from '../environments/environment.ts';
import { helpTopics } from '../help/topics.ts';
import { useT } from '../messages/messages-provider.tsx';
import { toast } from '../primitives/toast.ts';
import { type Destination, LAUNCH_HREF, SETTINGS_HREF } from '../shell/navigation.ts';
import { signOut } from '../shell/sign-out.ts';
import { useDestinations } from '../shell/viewer-role.ts';
import { trpc } from '../trpc-client.tsx';

export interface PaletteItem {
  id: string;
  title: string;
  /** Behind the title: where it lies, its state. */
  hint?: string;
  icon: ReactNode;
  /** Further words that find it. */
  keywords?: string[];
  /** Where it leads, or what it does. */
  href?: string;
  run?: () => void;
}

export interface PaletteGroup {
  heading: string;
  items: PaletteItem[];
}

type T = ReturnType<typeof useT>;

/** @param all also the person's own things, which are too many to show unasked */
export function usePaletteGroups(all: boolean): PaletteGroup[] {
  const t = useT();
  const destinations = useDestinations();
  const environments = trpc.environments.list.useQuery({ limit: 200 }).data?.environments;
  const storages = trpc.storages.list.useQuery().data;
  const applications = trpc.applications.list.useQuery().data;
  return useMemo(() => {
    const pages = { heading: t('palette.pages'), items: pagesOf(t, destinations) };
    const help = { heading: t('palette.help'), items: helpOf() };
    const actions = { heading: t('palette.actions'), items: actionsOf(t) };
    if (!all) return [actions, pages, help];
    for (const { name, slug, available } of applications ?? []) {
      if (!available) continue;
      actions.items.push({
        id: `launch:${slug}`,
        title: t('launch.title', { name }),
        icon: <Rocket className="icon" aria-hidden />,
        href: launchHref({ slug }),
      });
    }
    return [
      pages,
      { heading: t('nav.environments'), items: (environments ?? []).flatMap((one) => environmentItems(t, one)) },
      {
        heading: t('nav.storage'),
        items: (storages ?? []).map(({ id, displayName }) => ({
          id,
          title: displayName,
          hint: t('storage.files.title'),
          icon: <HardDrive className="icon" aria-hidden />,
          href: `/storage/${id}`,
        })),
      },
      actions,
      help,
    ];
  }, [t, all, destinations, environments, storages, applications]);
}

function environmentItems(
  t: T,
  { id, name, phase, application }: { id: string; name: string; phase: string; application: { name: string } },
): PaletteItem[] {
  const page = {
    id,
    title: name,
    hint: application.name,
    icon: <SquareTerminal className="icon" aria-hidden />,
    href: environmentHref(id),
  };
  if (phase !== 'running') return [page];
  return [
    page,
    {
      id: `open:${id}`,
      title: t('palette.openOne', { name }),
      hint: t('palette.newTab'),
      icon: <AppWindow className="icon" aria-hidden />,
      run: () => void window.open(openHref(id), '_blank', 'noopener'),
    },
  ];
}

function actionsOf(t: T): PaletteItem[] {
  return [
    {
      id: 'action:launch',
      title: t('palette.launch'),
      icon: <Rocket className="icon" aria-hidden />,
      href: LAUNCH_HREF,
    },
    {
      id: 'action:sign-out',
      title: t('account.signOut'),
      icon: <LogOut className="icon" aria-hidden />,
      run: () => void signOut().catch(() => toast.error(t('account.signOutFailed'))),
    },
  ];
}

function pagesOf(t: T, destinations: readonly Destination[]): PaletteItem[] {
  return [
    ...destinations.map(({ href, label, icon: Icon }) => ({
      id: `page:${href}`,
      title: t(label),
      icon: <Icon className="icon" aria-hidden />,
      href,
    })),
    {
      id: `page:${SETTINGS_HREF}`,
      title: t('palette.ownSettings'),
      icon: <Settings className="icon" aria-hidden />,
      href: SETTINGS_HREF,
    },
  ];
}

function helpOf(): PaletteItem[] {
  return helpTopics().map((topic) => ({
    id: `help:${topic.slug}`,
    title: topic.title,
    icon: <BookOpen className="icon" aria-hidden />,
    keywords: [topic.summary, ...topic.keywords],
    href: `/help/${topic.slug}`,
  }));
}
