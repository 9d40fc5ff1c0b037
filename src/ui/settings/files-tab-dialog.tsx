'use client';
/** Adds a file, or gives a kept one another content, another path or both. */
import { useId, useState } from 'react';
import { homePath } from '../../domain/secrets.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { Dialog } from '../primitives/dialog.tsx';
import { Field } from '../primitives/field.tsx';
import { Input } from '../primitives/input.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { FileContent } from './file-content.tsx';
import { base64Of } from './secret-bytes.ts';
import type { SecretFile } from './secret-file.ts';

export function FileDialog({ file, onClose }: { file: SecretFile | null; onClose: () => void }) {
  const t = useT();
  const formId = useId();
  const utils = trpc.useUtils();
  const [path, setPath] = useState(file ? `~/${file.path}` : '');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<File | null>(null);
  const [faults, setFaults] = useState<{ path?: string; content?: string }>({});
  const [busy, setBusy] = useState(false);

  async function save() {
    const place = homePath(path.trim());
    const given = chosen !== null || text !== '';
    const found = {
      ...('fault' in place ? { path: t(`secrets.path.${place.fault}`) } : {}),
      ...(given || file ? {} : { content: t('secrets.files.none') }),
    };
    setFaults(found);
    if ('fault' in place || found.content !== undefined) return;
    setBusy(true);
    try {
      const content = given ? await base64Of(chosen ?? new Blob([text])) : null;
      if (file && place.path !== file.path) await utils.client.secrets.files.rename.mutate({ id: file.id, path });
      if (content !== null)
        await utils.client.secrets.files.set.mutate({ path: place.path, content, replace: file !== null });
      toast.success(t('secrets.files.saved', { path: place.path }));
      onClose();
    } catch (failed) {
      const { code, message } = shownError(failed);
      setFaults(code === 'resource_exhausted' ? { content: message } : { path: message });
      setBusy(false);
    }
    void utils.secrets.invalidate();
  }

  function choose(next: File | null) {
    setChosen(next);
    setFaults({});
    if (next && path.trim() === '') setPath(`~/${next.name}`);
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={file ? t('secrets.files.changeTitle', { path: file.path }) : t('secrets.files.addTitle')}
      description={t('secrets.files.dialogText')}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" form={formId} look="primary" busy={busy}>
            {t('secrets.files.save')}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void save();
        }}
      >
        <FileContent
          text={text}
          chosen={chosen}
          keeps={file !== null}
          fault={faults.content}
          onText={(next) => {
            setText(next);
            setFaults({ ...faults, content: undefined });
          }}
          onChoose={choose}
          onFault={(content) => setFaults({ ...faults, content })}
        />
        <Field label={t('secrets.files.pathLabel')} hint={t('secrets.files.pathHint')} error={faults.path}>
          <Input
            mono
            value={path}
            placeholder="~/.config/tool/key.json"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            onChange={(event) => {
              setPath(event.target.value);
              setFaults({ ...faults, path: undefined });
            }}
          />
        </Field>
      </form>
    </Dialog>
  );
}
