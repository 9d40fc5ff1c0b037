'use client';
/** Adds a file, or gives a kept one another content, another path or both. */
import { useState } from 'react';
import { homePath } from '../../domain/secrets.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Field } from '../primitives/field.tsx';
import { FormDialog } from '../primitives/form-dialog.tsx';
import { Input } from '../primitives/input.tsx';
import { toast } from '../primitives/toast.ts';
import { shownError, trpc } from '../trpc-client.tsx';
import { FileContent } from './file-content.tsx';
import { base64Of } from './secret-bytes.ts';
import type { SecretFile } from './secret-file.ts';

export function FileDialog({ file, onClose }: { file: SecretFile | null; onClose: () => void }) {
  const t = useT();
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
    <FormDialog
      title={file ? t('secrets.files.changeTitle', { path: file.path }) : t('secrets.files.addTitle')}
      description={t('secrets.files.dialogText')}
      action={t('secrets.files.save')}
      busy={busy}
      onSubmit={() => void save()}
      onClose={onClose}
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
    </FormDialog>
  );
}
