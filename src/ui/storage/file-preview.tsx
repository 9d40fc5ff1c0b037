'use client';
/** What is in a file, as far as it can be shown: images and the beginning of text. Loaded with the first preview. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { StorageId } from '../../domain/ids.ts';
import { baseName } from '../../domain/storage.ts';
import { useFormat, useT } from '../messages/messages-provider.tsx';
import { ErrorState } from '../primitives/error-state.tsx';
import { Loading, Skeleton } from '../primitives/skeleton.tsx';
import { looksLikeText, previewOf } from './file-kinds.ts';
import { messageOf, objectUrl } from './send-file.ts';

const TEXT_BYTES = 256 * 1024;

interface FilePreviewProps {
  storageId: StorageId;
  fileKey: string;
  /** Another version is another content. */
  version: string | null;
}

export function FilePreview(props: FilePreviewProps) {
  const t = useT();
  const kind = previewOf(props.fileKey);
  if (kind === 'image') return <ImagePreview {...props} />;
  if (kind === 'text') return <TextPreview {...props} />;
  return <p className="text-ink-2">{t('storage.preview.none')}</p>;
}

function ImagePreview({ storageId, fileKey, version }: FilePreviewProps) {
  const t = useT();
  const [failed, setFailed] = useState(false);
  if (failed) return <p className="text-ink-2">{t('storage.preview.none')}</p>;
  return (
    // biome-ignore lint/performance/noImgElement: the server neither knows nor may transform what people stored
    <img
      src={`${objectUrl(storageId, fileKey, true)}&v=${encodeURIComponent(version ?? '')}`}
      alt={baseName(fileKey)}
      className="mx-auto max-h-full max-w-full rounded-sm"
      onError={() => setFailed(true)}
    />
  );
}

type TextAnswer = { kind: 'text'; text: string; cut: boolean } | { kind: 'binary' } | { kind: 'gone' };

async function readText(url: string, signal: AbortSignal): Promise<TextAnswer> {
  const answer = await fetch(url, { signal, headers: { range: `bytes=0-${TEXT_BYTES - 1}` } });
  // An empty file has no first byte.
  if (answer.status === 416) return { kind: 'text', text: '', cut: false };
  if (answer.status === 404) return { kind: 'gone' };
  if (!answer.ok) throw new Error(messageOf(await answer.text()) ?? `${answer.status}`);
  const total = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? 0);
  const text = await answer.text();
  return looksLikeText(text) ? { kind: 'text', text, cut: total > TEXT_BYTES } : { kind: 'binary' };
}

function TextPreview({ storageId, fileKey, version }: FilePreviewProps) {
  const t = useT();
  const format = useFormat();
  const { data, error, isPending, dataUpdatedAt } = useQuery({
    queryKey: ['file preview', storageId, fileKey, version],
    queryFn: ({ signal }) => readText(objectUrl(storageId, fileKey, true), signal),
    staleTime: 0,
    retry: 1,
  });
  if (isPending) {
    return (
      <Loading>
        <Skeleton className="h-60" />
      </Loading>
    );
  }
  if (error) {
    return (
      <ErrorState
        what={t('storage.preview.failed')}
        why={error.message}
        details={{ code: 'preview', at: dataUpdatedAt || Date.now() }}
      />
    );
  }
  if (data.kind === 'gone') return <p className="text-ink-2">{t('storage.preview.gone')}</p>;
  if (data.kind === 'binary') return <p className="text-ink-2">{t('storage.preview.none')}</p>;
  if (data.text === '') return <p className="text-ink-2">{t('storage.preview.empty')}</p>;
  return (
    <>
      {data.cut ? (
        <p className="mb-3 text-ink-3 text-sm">{t('storage.preview.cut', { size: format.bytes(TEXT_BYTES) })}</p>
      ) : null}
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls with its frame, so the keyboard must reach it
        tabIndex={0}
        className="rounded-sm"
      >
        <pre className="whitespace-pre-wrap break-words font-mono text-sm leading-5">{data.text}</pre>
      </div>
    </>
  );
}
