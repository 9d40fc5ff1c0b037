'use client';
/** Icon, name (edited in place), status and the actions of one environment. */
import { Pencil } from 'lucide-react';
import { useRef, useState } from 'react';
import { isEnvironmentName } from '../../domain/environment.ts';
import { useT } from '../messages/messages-provider.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { Input } from '../primitives/input.tsx';
import { useUrlState } from '../url-state.ts';
import { ApplicationIcon } from './application-icon.tsx';
import type { Environment } from './environment.ts';
import { EnvironmentButtons } from './environment-buttons.tsx';
import { EnvironmentMenu } from './environment-menu.tsx';
import { EnvironmentStatus } from './environment-status.tsx';
import { useEnvironmentActions } from './use-environment-actions.ts';

export function EnvironmentHeader({ environment, onDeleted }: { environment: Environment; onDeleted: () => void }) {
  const { set } = useUrlState();
  return (
    <header className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <div className="flex min-w-0 max-w-full items-center gap-3">
        <ApplicationIcon name={environment.application.icon} look="tile" />
        <NameInPlace environment={environment} />
        <EnvironmentStatus environment={environment} />
      </div>
      <div className="flex items-center gap-2 max-sm:w-full max-sm:flex-row-reverse max-sm:justify-between">
        <EnvironmentMenu own environment={environment} onDeleted={onDeleted} />
        <div className="flex items-center gap-2">
          <EnvironmentButtons
            // After a failure the remedies are the main actions.
            main={environment.phase !== 'failed'}
            environment={environment}
            onStarted={() => set({ wait: '1', tab: null })}
          />
        </div>
      </div>
    </header>
  );
}

function NameInPlace({ environment }: { environment: Environment }) {
  const t = useT();
  const { rename } = useEnvironmentActions();
  const [draft, setDraft] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  // Leaving the field saves, but not when Escape or Enter already ended the editing.
  const editing = useRef(false);
  const { name } = environment;

  const edit = (text: string) => {
    editing.current = true;
    setDraft(text);
  };
  const close = () => {
    editing.current = false;
    setDraft(null);
    setFault(null);
    requestAnimationFrame(() => pencil.current?.focus());
  };
  async function save(text: string) {
    if (!editing.current) return;
    const next = text.trim();
    if (next === name) return close();
    if (!isEnvironmentName(next)) return setFault(t('environments.nameFault'));
    close();
    const failed = await rename(environment, next);
    if (!failed) return;
    edit(text);
    setFault(failed.message);
  }

  if (draft === null) {
    return (
      <div className="group flex min-w-0 items-center gap-1">
        <h1 title={name} className="break-words font-semibold text-xl max-sm:line-clamp-3 sm:truncate">
          {name}
        </h1>
        <IconButton
          ref={pencil}
          size="sm"
          label={t('environments.editName', { name })}
          icon={<Pencil className="icon" aria-hidden />}
          // A phone has room for the name or for the pencil; its menu renames too.
          className="max-sm:hidden"
          onClick={() => edit(name)}
        />
      </div>
    );
  }
  return (
    <form
      className="relative min-w-0"
      onSubmit={(event) => {
        event.preventDefault();
        void save(draft);
      }}
    >
      <h1 className="sr-only">{name}</h1>
      <Input
        autoFocus
        aria-label={t('environments.renameDialog.label')}
        aria-invalid={fault ? true : undefined}
        value={draft}
        maxLength={64}
        className="w-80 max-w-full"
        onFocus={(event) => event.target.select()}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={() => void save(draft)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          close();
        }}
      />
      <span role="status" className="absolute top-full left-0 mt-0.5 whitespace-nowrap text-failed text-sm">
        {fault}
      </span>
    </form>
  );
}
