'use client';
/** Reads the beginning of a file and hands it to what shows it; says by itself when it is gone, empty, cut or cannot be read. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { ErrorState } from '../../primitives/error-state.tsx';
import { Loading, Skeleton } from '../../primitives/skeleton.tsx';
import type { PreviewProps } from './preview-props.ts';
import { type FilePart, readBytes } from './read-bytes.ts';

interface PartPreviewProps extends PreviewProps {
  maxBytes: number;
  /** `cut`: the file goes on. */
  children: (part: FilePart & { cut: boolean }) => ReactNode;
}

export function PartPreview({ storageId, fileKey, version, maxBytes, children }: PartPreviewProps) {
  const t = useT();
  const format = useFormat();
  const { data, error, isPending, errorUpdatedAt } = useQuery({
    queryKey: ['file part', storageId, fileKey, version, maxBytes],
    queryFn: ({ signal }) => readBytes({ storageId, fileKey }, { start: 0, length: maxBytes, signal }),
    staleTime: 0,
    gcTime: 60_000,
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
        details={{ code: 'preview', at: errorUpdatedAt }}
      />
    );
  }
  if (!data) return <p className="text-ink-2">{t('storage.preview.gone')}</p>;
  if (data.bytes.length === 0) return <p className="text-ink-2">{t('storage.preview.empty')}</p>;
  const cut = data.totalBytes > data.bytes.length;
  return (
    <>
      {cut ? (
        <p className="mb-3 text-ink-3 text-sm">{t('storage.preview.cut', { size: format.bytes(data.bytes.length) })}</p>
      ) : null}
      {children({ ...data, cut })}
    </>
  );
}
