'use client';
/** ⌘K: every page, action, help topic and thing of one's own, found by typing. Loaded with its first opening. */
import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { Content, Overlay, Portal, Root, Title } from 'radix-ui/dialog';
import { useState } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { useDialogFocus } from '../primitives/dialog-frame.tsx';
import { Kbd } from '../primitives/kbd.tsx';
import { usePaletteGroups } from './palette-items.tsx';
import { paletteScore } from './palette-match.ts';

interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function Palette({ open, onOpenChange }: PaletteProps) {
  const t = useT();
  const focus = useDialogFocus();
  return (
    <Root open={open} onOpenChange={onOpenChange}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Content
          {...focus}
          aria-describedby={undefined}
          className="fixed inset-x-2 top-2 z-40 mx-auto flex max-h-[80dvh] max-w-xl animate-pop flex-col overflow-hidden rounded-lg bg-raised shadow-float outline-none sm:inset-x-4 sm:top-[12dvh] sm:max-h-[60dvh]"
        >
          <Title className="sr-only">{t('palette.title')}</Title>
          <PaletteList onDone={() => onOpenChange(false)} />
        </Content>
      </Portal>
    </Root>
  );
}

function PaletteList({ onDone }: { onDone: () => void }) {
  const t = useT();
  const router = useRouter();
  const [query, setQuery] = useState('');
  const groups = usePaletteGroups(query.trim() !== '');
  return (
    <Command
      label={t('palette.title')}
      loop
      filter={(_id, text, [title = '', ...keywords] = []) => paletteScore(text, title, keywords)}
      className="flex min-h-0 flex-col"
    >
      <div className="flex items-center gap-3 border-line border-b px-4">
        <Search className="icon text-ink-3" aria-hidden />
        <Command.Input
          value={query}
          onValueChange={setQuery}
          placeholder={t('palette.placeholder')}
          className="h-12 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        <Kbd keys="escape" className="pointer-coarse:hidden" />
      </div>
      <Command.List className="min-h-0 flex-1 overflow-y-auto p-2 [scroll-padding-block:8px]">
        <Command.Empty className="px-3 py-8 text-center text-ink-2">{t('palette.none', { query })}</Command.Empty>
        {groups.map(({ heading, items }) => (
          <Command.Group
            key={heading}
            heading={heading}
            className="pb-2 last:pb-0 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
          >
            {items.map((item) => (
              <Command.Item
                key={item.id}
                value={item.id}
                keywords={[item.title, ...(item.keywords ?? [])]}
                onSelect={() => {
                  onDone();
                  if (item.href) router.push(item.href);
                  item.run?.();
                }}
                className="touch flex h-9 cursor-default items-center gap-3 rounded-sm px-2 text-ink-2 data-[selected=true]:bg-hover data-[selected=true]:text-ink"
              >
                <span className="flex text-ink-3">{item.icon}</span>
                <span className="min-w-0 truncate">{item.title}</span>
                {item.hint ? <span className="ml-auto shrink-0 pl-4 text-ink-3 text-sm">{item.hint}</span> : null}
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}
