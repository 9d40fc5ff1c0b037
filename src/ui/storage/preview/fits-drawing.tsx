'use client';
/** One image, map or line with its scale. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { ErrorState } from '../../primitives/error-state.tsx';
import { Loading, Skeleton } from '../../primitives/skeleton.tsx';
import { colourBar, limitsOf, paint } from './colour-scale.ts';
import type { FitsColumn } from './fits-data.ts';
import { type FitsPicture, readPicture } from './fits-file.ts';
import type { FitsUnit } from './fits-header.ts';
import { LinePlot, shortNumber } from './line-plot.tsx';
import type { PreviewProps } from './preview-props.ts';

interface FitsDrawingProps {
  source: PreviewProps;
  unit: FitsUnit;
  column: FitsColumn | null;
}

export function FitsDrawing({ source, unit, column }: FitsDrawingProps) {
  const t = useT();
  const format = useFormat();
  const { data, error, isPending, errorUpdatedAt } = useQuery({
    queryKey: ['fits picture', source.storageId, source.fileKey, source.version, unit.index, column?.number],
    queryFn: ({ signal }) => readPicture(source, unit, { column, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: 1,
  });
  if (isPending) {
    return (
      <Loading>
        <Skeleton className="aspect-[2/1] w-full" />
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
  if (data.kind === 'none') return null;
  if (data.kind === 'large')
    return <p className="text-ink-2">{t('storage.preview.tooMuch', { size: format.bytes(data.bytes) })}</p>;
  if (data.kind === 'line') return <LinePlot values={data.values} unit={data.unit} label={column?.name ?? unit.name} />;
  return <Picture picture={data} label={column?.name ?? unit.name} />;
}

function Picture({ picture, label }: { picture: Extract<FitsPicture, { kind: 'plane' | 'sky' }>; label: string }) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  const limits = useMemo(() => limitsOf(picture.values), [picture]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !limits) return;
    const image = new ImageData(paint(picture.values, limits), picture.width, picture.height);
    context.putImageData(image, 0, 0);
  }, [picture, limits]);
  if (!limits) return <p className="text-ink-2">{t('storage.preview.noValues')}</p>;
  return (
    <figure className="flex flex-col gap-2">
      <canvas
        ref={canvas}
        width={picture.width}
        height={picture.height}
        role="img"
        aria-label={t(picture.kind === 'sky' ? 'storage.preview.sky' : 'storage.preview.image', { name: label })}
        // The first row of an image is the lowest one on the sky.
        className={picture.kind === 'plane' ? 'w-full -scale-y-100 rounded-sm [image-rendering:pixelated]' : 'w-full'}
      />
      <figcaption className="text-ink-2 text-sm tabular-nums">
        <div className="h-2.5 rounded-full" style={{ background: colourBar }} aria-hidden />
        <div className="mt-1 flex justify-between gap-2">
          <span>{shortNumber(limits.low)}</span>
          <span className="text-ink-3">{picture.unit}</span>
          <span>{shortNumber(limits.high)}</span>
        </div>
      </figcaption>
    </figure>
  );
}
