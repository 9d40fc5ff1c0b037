'use client';
/** What is in a file, as far as it can be shown. Loaded with the first preview; each kind loads what it needs by itself. */
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { baseName } from '../../domain/storage.ts';
import { useT } from '../messages/messages-provider.tsx';
import { Skeleton } from '../primitives/skeleton.tsx';
import { extensionOf, previewOf } from './file-kinds.ts';
import { PartPreview } from './preview/part-preview.tsx';
import { PlainText, textOf } from './preview/plain-text.tsx';
import type { PreviewProps } from './preview/preview-props.ts';
import { objectUrl } from './send-file.ts';

const loading = () => <Skeleton className="h-60" />;
const Markdown = dynamic(async () => (await import('./preview/markdown.tsx')).Markdown, { ssr: false, loading });
const NotebookPreview = dynamic(async () => (await import('./preview/notebook-preview.tsx')).NotebookPreview, {
  ssr: false,
  loading,
});
const CsvPreview = dynamic(async () => (await import('./preview/csv-preview.tsx')).CsvPreview, { ssr: false, loading });
const FitsPreview = dynamic(async () => (await import('./preview/fits-preview.tsx')).FitsPreview, {
  ssr: false,
  loading,
});
const PdfPreview = dynamic(async () => (await import('./preview/pdf-preview.tsx')).PdfPreview, { ssr: false, loading });

const TEXT_BYTES = 256 * 1024;
/** A notebook or PDF that is cut off cannot be read at all. */
const DOCUMENT_BYTES = 32 * 1024 * 1024;

export function FilePreview(props: PreviewProps) {
  const t = useT();
  const kind = previewOf(props.fileKey);
  switch (kind) {
    case 'image':
      return <ImagePreview {...props} />;
    case 'fits':
      return <FitsPreview {...props} />;
    case 'pdf':
      return (
        <PartPreview {...props} maxBytes={DOCUMENT_BYTES}>
          {({ bytes, cut }) =>
            cut ? <p className="text-ink-2">{t('storage.preview.large')}</p> : <PdfPreview bytes={bytes} />
          }
        </PartPreview>
      );
    case 'notebook':
      return (
        <PartPreview {...props} maxBytes={DOCUMENT_BYTES}>
          {({ bytes }) => <Text bytes={bytes} show={(text) => <NotebookPreview text={text} />} />}
        </PartPreview>
      );
    case 'markdown':
      return (
        <PartPreview {...props} maxBytes={TEXT_BYTES}>
          {({ bytes }) => <Text bytes={bytes} show={(text) => <Markdown text={text} />} />}
        </PartPreview>
      );
    case 'table':
      return (
        <PartPreview {...props} maxBytes={TEXT_BYTES}>
          {({ bytes, cut }) => (
            <Text
              bytes={bytes}
              show={(text) => <CsvPreview text={text} cut={cut} tabs={extensionOf(props.fileKey) === 'tsv'} />}
            />
          )}
        </PartPreview>
      );
    case 'text':
      return (
        <PartPreview {...props} maxBytes={TEXT_BYTES}>
          {({ bytes }) => <PlainText text={textOf(bytes)} />}
        </PartPreview>
      );
    case null:
      return <p className="text-ink-2">{t('storage.preview.none')}</p>;
  }
}

/** By its name it is text of a kind; by its content it may be anything. */
function Text({ bytes, show }: { bytes: Uint8Array; show: (text: string) => React.ReactNode }) {
  const text = textOf(bytes);
  return text === null ? <PlainText text={null} /> : show(text);
}

function ImagePreview({ storageId, fileKey, version }: PreviewProps) {
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
