'use client';
/** Upload of files or of a whole folder, by the browser's own picker. */
import { FolderUp, Upload } from 'lucide-react';
import { useRef } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import { IconButton } from '../primitives/icon-button.tsx';
import { pickedFiles } from './dropped-files.ts';
import type { UploadTarget } from './upload-engine.ts';
import { useUnfinishedUploads, useUploads } from './upload-provider.tsx';

export function UploadButtons({ target }: { target: UploadTarget }) {
  const t = useT();
  const { add } = useUploads();
  useUnfinishedUploads(target);
  const files = useRef<HTMLInputElement>(null);
  const folders = useRef<HTMLInputElement>(null);
  const picked = (input: HTMLInputElement) => {
    add(pickedFiles(input.files), target);
    // The same file again is a change too.
    input.value = '';
  };
  return (
    <>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        data-upload="files"
        onChange={(event) => picked(event.currentTarget)}
      />
      <input
        ref={folders}
        type="file"
        hidden
        data-upload="folder"
        {...{ webkitdirectory: '' }}
        onChange={(event) => picked(event.currentTarget)}
      />
      <IconButton
        look="secondary"
        label={t('storage.files.uploadFolder')}
        icon={<FolderUp className="icon" aria-hidden />}
        className="max-sm:hidden"
        onClick={() => folders.current?.click()}
      />
      <Button look="primary" icon={<Upload className="icon" aria-hidden />} onClick={() => files.current?.click()}>
        {t('storage.files.upload')}
      </Button>
    </>
  );
}
