'use client';
/** The content of a kept file: text that is typed or pasted, or a file that is dropped here or chosen. */
import { FileKey, Upload, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { MAX_FILE_BYTES } from '../../domain/secrets.ts';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { cx } from '../primitives/class-names.ts';
import { IconButton } from '../primitives/icon-button.tsx';
import { SecretText } from './secret-text.tsx';

interface FileContentProps {
  text: string;
  chosen: File | null;
  /** There is a content already, which stays when none is given. */
  keeps: boolean;
  fault: string | undefined;
  onText: (text: string) => void;
  onChoose: (file: File | null) => void;
  onFault: (text: string) => void;
}

export function FileContent({ text, chosen, keeps, fault, onText, onChoose, onFault }: FileContentProps) {
  const t = useT();
  const format = useFormat();
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => {
    if (!file) return;
    if (file.size > MAX_FILE_BYTES) onFault(t('secrets.files.tooLarge'));
    else onChoose(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button below does the same
    <div
      className={cx(
        'flex flex-col gap-2 rounded-md',
        over && 'outline-2 outline-accent outline-dashed outline-offset-4',
      )}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files[0]);
      }}
    >
      <input
        ref={picker}
        type="file"
        hidden
        data-secret-file
        onChange={(event) => {
          take(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      {chosen ? (
        <div className="flex items-center gap-2 rounded-md border border-line px-3 py-2">
          <FileKey className="icon shrink-0 text-ink-3" aria-hidden />
          <span className="min-w-0 flex-1 truncate">
            {t('secrets.files.chosen', { name: chosen.name, size: format.bytes(chosen.size) })}
          </span>
          <IconButton
            size="sm"
            label={t('secrets.files.forget', { name: chosen.name })}
            icon={<X className="icon" aria-hidden />}
            onClick={() => onChoose(null)}
          />
        </div>
      ) : (
        <SecretText
          autoFocus
          label={t('secrets.files.content')}
          hint={`${t('secrets.files.contentHint')}${keeps ? ` ${t('secrets.files.contentKeep')}` : ''}`}
          error={fault}
          value={text}
          onChange={onText}
        />
      )}
      <div>
        <Button size="sm" icon={<Upload className="icon" aria-hidden />} onClick={() => picker.current?.click()}>
          {t('secrets.files.choose')}
        </Button>
      </div>
    </div>
  );
}
