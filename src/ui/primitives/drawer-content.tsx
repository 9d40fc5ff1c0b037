'use client';
/** The opened drawer: loaded with the first opening. */
import { Content, Overlay, Portal, Root, Title } from 'radix-ui/dialog';
import { cx } from './class-names.ts';
import { CloseButton, useDialogFocus } from './dialog-frame.tsx';
import type { DrawerProps } from './drawer-props.ts';

export function DrawerContent({
  open,
  onOpenChange,
  title,
  actions,
  size = 'md',
  details = false,
  children,
}: DrawerProps) {
  const focus = useDialogFocus(!details);
  return (
    <Root open={open} onOpenChange={onOpenChange}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Content
          {...focus}
          aria-describedby={undefined}
          className={cx(
            'fixed inset-x-0 bottom-0 z-40 flex max-h-[92dvh] animate-slide-up flex-col rounded-t-lg bg-raised pb-[env(safe-area-inset-bottom)] shadow-float outline-none',
            'sm:inset-y-0 sm:right-0 sm:left-auto sm:max-h-none sm:w-full sm:animate-slide-left sm:rounded-none',
            size === 'lg' ? 'sm:max-w-[640px]' : 'sm:max-w-[420px]',
          )}
        >
          <header className="flex items-center gap-2 border-line border-b px-5 py-3">
            <Title className="min-w-0 flex-1 truncate font-semibold text-lg">{title}</Title>
            {actions}
            <CloseButton />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto p-5">{children}</div>
        </Content>
      </Portal>
    </Root>
  );
}
