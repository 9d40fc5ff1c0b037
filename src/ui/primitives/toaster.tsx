'use client';
/** Where toasts appear; mounted once by the app root, loaded after the page. */
import { CircleAlert, CircleCheck, Info } from 'lucide-react';
import { Toaster as Region } from 'sonner';
import { useT } from '../messages/messages-provider.tsx';

export function Toaster() {
  const t = useT();
  return (
    <Region
      position="bottom-right"
      style={{ fontFamily: 'inherit' }}
      offset={16}
      mobileOffset={{ bottom: 72, left: 12, right: 12 }}
      closeButton
      gap={8}
      containerAriaLabel={t('toast.region')}
      icons={{
        success: <CircleCheck className="icon text-running" aria-hidden />,
        error: <CircleAlert className="icon text-failed" aria-hidden />,
        info: <Info className="icon text-pending" aria-hidden />,
      }}
      toastOptions={{
        closeButtonAriaLabel: t('action.close'),
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-start gap-2.5 rounded-md bg-raised p-3 pr-9 text-base text-ink shadow-float sm:w-[356px]',
          icon: 'mt-0.5 flex',
          content: 'min-w-0 flex-1',
          description: 'text-ink-2 text-sm',
          actionButton: 'shrink-0 self-center rounded-sm px-2 py-1 font-medium text-accent-ink hover:bg-hover',
          closeButton: 'toast-close',
        },
      }}
    />
  );
}
