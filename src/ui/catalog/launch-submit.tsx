'use client';
/** The launch button: it says what it will do; when it cannot, the reason stands beside it. */
import { CircleAlert, Rocket } from 'lucide-react';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { isValid } from './launch-draft.ts';
import { refusalText } from './launch-sizes.tsx';
import type { LaunchForm, LaunchFormData } from './use-launch-form.ts';

interface LaunchSubmitProps {
  data: LaunchFormData;
  form: LaunchForm;
}

export function LaunchSubmit({ data, form }: LaunchSubmitProps) {
  const t = useT();
  const format = useFormat();
  const { application, allowance } = data;
  const { size, refusal, full, busy, error, shown, faults } = form;
  const { usage, limits } = allowance;
  const reason = !application.available
    ? application.install
      ? `${t('catalog.notInstalled')} ${application.install}`
      : t('catalog.unavailable', { why: application.unavailableReason ?? '' })
    : full
      ? t('catalog.full', { used: usage.environments, max: limits.environments })
      : refusal
        ? refusalText(t, format, refusal)
        : (error?.message ?? null);
  const blocked = !application.available || full || refusal !== null || (shown && !isValid(faults));
  return (
    <>
      <p role="status" className="mr-auto flex min-w-0 flex-1 items-start gap-2 text-failed text-sm">
        {reason ? (
          <>
            <CircleAlert className="icon mt-0.5" aria-hidden />
            <span className="min-w-0 break-words">{reason}</span>
          </>
        ) : null}
      </p>
      <Button
        type="submit"
        look="primary"
        size="lg"
        busy={busy}
        disabled={blocked}
        icon={<Rocket className="icon" aria-hidden />}
        className="max-sm:h-auto max-sm:min-h-11 max-sm:w-full max-sm:whitespace-normal max-sm:py-2"
      >
        {size
          ? t('launch.submit', {
              name: application.name,
              cores: format.cores(size.cpuMillicores),
              memory: format.memory(size.memoryMiB),
            })
          : t('launch.submitPlain', { name: application.name })}
      </Button>
    </>
  );
}
