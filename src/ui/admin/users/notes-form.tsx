'use client';
/** What administrators keep in mind about somebody. Saved when told so. */
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { Field } from '../../primitives/field.tsx';
import { Textarea } from '../../primitives/textarea.tsx';
import { toast } from '../../primitives/toast.ts';
import { trpc } from '../../trpc-client.tsx';
import { OwnQuestion } from './own-question.tsx';
import type { PersonDetail } from './people.ts';
import { usePersonChange } from './use-person-change.ts';

export function NotesForm({ person }: { person: PersonDetail }) {
  const t = useT();
  const utils = trpc.useUtils();
  const { id } = person;
  const [notes, setNotes] = useState(person.notes);
  const change = usePersonChange(person, () => toast.success(t('adminUsers.notes.done')));
  return (
    <form
      className="flex flex-col items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (change.busy) return;
        change.run((confirmSelf) => utils.client.admin.users.setNotes.mutate({ id, notes, ...confirmSelf }));
      }}
    >
      <Field
        hideLabel
        label={t('adminUsers.notes')}
        hint={t('adminUsers.notes.hint')}
        error={change.error}
        className="w-full"
      >
        <Textarea
          value={notes}
          maxLength={4_000}
          onChange={(event) => {
            setNotes(event.target.value);
            change.clearError();
          }}
        />
      </Field>
      {notes === person.notes ? null : (
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" busy={change.busy}>
            {t('adminUsers.notes.action')}
          </Button>
          <Button look="quiet" disabled={change.busy} onClick={() => setNotes(person.notes)}>
            {t('adminUsers.limits.discard')}
          </Button>
        </div>
      )}
      <OwnQuestion change={change} text={t('adminUsers.self.notes')} />
    </form>
  );
}
