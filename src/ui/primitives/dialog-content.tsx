'use client';
/** The opened dialog: loaded with the first opening. */
import { Content, Description, Overlay, Portal, Root, Title } from 'radix-ui/dialog';
import { cx } from './class-names.ts';
import { CloseButton, useDialogFocus } from './dialog-frame.tsx';
import type { DialogProps } from './dialog-props.ts';

const SIZES = { sm: 'sm:max-w-[420px]', md: 'sm:max-w-[560px]', lg: 'sm:max-w-[880px]' } as const;

export function DialogContent({ open, onOpenChange, title, description, footer, size = 'md', children }: DialogProps) {
  const focus = useDialogFocus();
  return (
    <Root open={open} onOpenChange={onOpenChange}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />
        <Content
          {...focus}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cx(
            'fixed z-40 flex max-h-[92dvh] flex-col bg-raised shadow-float outline-none',
            'inset-x-0 bottom-0 animate-slide-up rounded-t-lg pb-[env(safe-area-inset-bottom)]',
            'sm:inset-x-4 sm:top-[8dvh] sm:bottom-auto sm:mx-auto sm:max-h-[84dvh] sm:animate-pop sm:overflow-hidden sm:rounded-lg',
            SIZES[size],
          )}
        >
          <header className="flex items-start gap-4 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1 pt-1">
              <Title className="font-semibold text-lg">{title}</Title>
              {description ? <Description className="mt-1 text-ink-2">{description}</Description> : null}
            </div>
            <CloseButton />
          </header>
          {children ? <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5">{children}</div> : null}
          {footer ? (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-5 py-3">
              {footer}
            </footer>
          ) : null}
        </Content>
      </Portal>
    </Root>
  );
}
