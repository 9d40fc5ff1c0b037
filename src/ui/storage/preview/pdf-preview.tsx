'use client';
/** The first pages of a PDF, drawn here: the browser's own viewer would need the file as a page of this site. */
import { GlobalWorkerOptions, getDocument, type PDFDocumentProxy } from 'pdfjs-dist';
import { useEffect, useRef, useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { Skeleton } from '../../primitives/skeleton.tsx';

const MAX_PAGES = 30;

GlobalWorkerOptions.workerSrc = new URL('pdfjs-dist/build/pdf.worker.min.mjs', import.meta.url).href;

export function PdfPreview({ bytes }: { bytes: Uint8Array<ArrayBuffer> }) {
  const t = useT();
  const [file, setFile] = useState<PDFDocumentProxy | 'failed' | null>(null);
  useEffect(() => {
    // The worker takes what it is given.
    const task = getDocument({ data: bytes.slice(), useWasm: false, enableXfa: false });
    task.promise.then(setFile, () => setFile('failed'));
    return () => void task.destroy();
  }, [bytes]);
  if (file === 'failed') return <p className="text-ink-2">{t('storage.preview.none')}</p>;
  if (!file) return <Skeleton className="h-96" />;
  const shown = Math.min(file.numPages, MAX_PAGES);
  return (
    <div className="flex flex-col gap-3">
      {Array.from({ length: shown }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pages are numbered
        <PdfPage key={index} file={file} number={index + 1} />
      ))}
      {file.numPages > shown ? (
        <p className="text-ink-3 text-sm">{t('storage.preview.firstPages', { shown, total: file.numPages })}</p>
      ) : null}
    </div>
  );
}

function PdfPage({ file, number }: { file: PDFDocumentProxy; number: number }) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const target = canvas.current;
    if (!target) return;
    let stop: (() => void) | null = null;
    const draw = async () => {
      const page = await file.getPage(number);
      const width = target.parentElement?.clientWidth ?? 600;
      const viewport = page.getViewport({
        scale: (width / page.getViewport({ scale: 1 }).width) * Math.min(2, devicePixelRatio),
      });
      target.width = viewport.width;
      target.height = viewport.height;
      const task = page.render({ canvas: target, viewport });
      stop = () => task.cancel();
      await task.promise;
    };
    // Only pages that come into view are drawn.
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      // A page that is left while it is drawn, or that is broken, stays blank.
      draw().catch(() => {});
    });
    observer.observe(target);
    return () => {
      observer.disconnect();
      stop?.();
    };
  }, [file, number]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={t('storage.preview.page', { number, total: file.numPages })}
      className="aspect-[1/1.414] h-auto w-full rounded-sm border border-line bg-white [&[width]]:aspect-auto"
    />
  );
}
