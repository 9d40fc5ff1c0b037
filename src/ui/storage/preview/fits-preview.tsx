'use client';
/** A FITS file: its parts, the header of one, and what can be drawn of its data: images, maps of the sky, spectra. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { ErrorState } from '../../primitives/error-state.tsx';
import { Field } from '../../primitives/field.tsx';
import { Select } from '../../primitives/select.tsx';
import { Loading, Skeleton } from '../../primitives/skeleton.tsx';
import { FitsDrawing } from './fits-drawing.tsx';
import { drawable, readUnits } from './fits-file.ts';
import type { FitsUnit } from './fits-header.ts';
import type { PreviewProps } from './preview-props.ts';

export function FitsPreview({ storageId, fileKey, version }: PreviewProps) {
  const t = useT();
  const [chosen, setChosen] = useState<number | null>(null);
  const { data, error, isPending, errorUpdatedAt } = useQuery({
    queryKey: ['fits', storageId, fileKey, version],
    queryFn: ({ signal }) => readUnits({ storageId, fileKey }, signal),
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
        details={{ code: 'preview', at: errorUpdatedAt }}
      />
    );
  }
  if (!data) return <p className="text-ink-2">{t('storage.preview.gone')}</p>;
  const unit =
    data[
      chosen ??
        Math.max(
          0,
          data.findIndex(({ kind }) => kind === 'image' || kind === 'table'),
        )
    ];
  if (!unit) return <p className="text-ink-2">{t('storage.preview.none')}</p>;
  return (
    <div className="flex flex-col gap-4">
      {data.length > 1 ? (
        <Field label={t('storage.preview.part')}>
          <Select
            value={String(unit.index)}
            onChange={(index) => setChosen(Number(index))}
            options={data.map((one) => ({
              value: String(one.index),
              label: `${one.index} · ${one.name} · ${sizeOf(one)}`,
            }))}
          />
        </Field>
      ) : null}
      <Drawing key={unit.index} source={{ storageId, fileKey, version }} unit={unit} />
      <Header unit={unit} />
    </div>
  );
}

function Drawing({ source, unit }: { source: PreviewProps; unit: FitsUnit }) {
  const t = useT();
  const columns = drawable(unit);
  const [number, setNumber] = useState(columns.find(({ name }) => name !== 'PIXEL')?.number ?? null);
  const column = columns.find((one) => one.number === number) ?? null;
  return (
    <>
      {columns.length > 1 ? (
        <Field label={t('storage.preview.column')}>
          <Select
            value={String(number)}
            onChange={(value) => setNumber(Number(value))}
            options={columns.map((one) => ({
              value: String(one.number),
              label: one.unit ? `${one.name} [${one.unit}]` : one.name,
            }))}
          />
        </Field>
      ) : null}
      <FitsDrawing source={source} unit={unit} column={column} />
    </>
  );
}

function Header({ unit }: { unit: FitsUnit }) {
  const t = useT();
  return (
    <details open={unit.kind === 'empty' || unit.kind === 'other'}>
      <summary className="touch rounded-sm font-medium text-ink-2 hover:text-ink">
        {t('storage.preview.header', { count: unit.cards.length })}
      </summary>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 font-mono text-sm leading-5">
        {unit.cards.map((card, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: keywords may come twice
          <div key={index} className="contents">
            <dt className="text-ink-2">{card.keyword}</dt>
            <dd className="min-w-0 break-words">
              {card.value === null ? null : String(card.value)}
              {card.comment ? (
                <span className="text-ink-3">
                  {' '}
                  {card.value === null ? '' : '/ '}
                  {card.comment}
                </span>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function sizeOf({ kind, axes }: FitsUnit): string {
  return kind === 'table' ? `${axes[1] ?? 0} rows` : axes.length > 0 ? axes.join(' × ') : kind;
}
