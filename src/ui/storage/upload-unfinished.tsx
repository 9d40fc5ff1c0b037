'use client';
/** An upload that was begun before the page was loaded: a browser gives no file back, so the person chooses it again. */
import { useRef } from 'react';
import { useT } from '../messages/messages-provider.tsx';
import { Button } from '../primitives/button.tsx';
import type { QueueEvent } from './upload-queue.ts';

interface UploadUnfinishedProps {
  id: string;
  onEvent: (event: QueueEvent) => void;
  onChoose: (id: string, file: File) => void;
}

export function UploadUnfinished({ id, onEvent, onChoose }: UploadUnfinishedProps) {
  const t = useT();
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="mt-2 flex flex-wrap gap-2">
      <input
        ref={input}
        type="file"
        hidden
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file) onChoose(id, file);
          // The same file again is a change too.
          currentTarget.value = '';
        }}
      />
      <Button size="sm" onClick={() => input.current?.click()}>
        {t('upload.choose')}
      </Button>
      <Button size="sm" look="quiet" onClick={() => onEvent({ type: 'discard', id })}>
        {t('upload.discard')}
      </Button>
    </div>
  );
}
