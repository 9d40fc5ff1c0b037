'use client';
/** The first rows of a table in text. */
import Papa from 'papaparse';
import { useMemo } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { GridTable } from './grid-table.tsx';
import { PlainText } from './plain-text.tsx';

const MAX_ROWS = 500;
const MAX_COLUMNS = 60;

export function CsvPreview({ text, cut, tabs }: { text: string; cut: boolean; tabs: boolean }) {
  const t = useT();
  const rows = useMemo(() => {
    const { data } = Papa.parse<string[]>(text, {
      delimiter: tabs ? '\t' : '',
      preview: MAX_ROWS + 2,
      skipEmptyLines: 'greedy',
    });
    // The last line of a part is most likely not whole.
    return cut && data.length <= MAX_ROWS + 1 ? data.slice(0, -1) : data;
  }, [text, cut, tabs]);
  const [head, ...body] = rows;
  if (!head || (head.length === 1 && body.every((row) => row.length <= 1))) return <PlainText text={text} />;
  return (
    <>
      <GridTable
        label={t('storage.preview.table')}
        head={head.slice(0, MAX_COLUMNS)}
        rows={body.slice(0, MAX_ROWS).map((row) => row.slice(0, MAX_COLUMNS))}
      />
      {body.length > MAX_ROWS || head.length > MAX_COLUMNS ? (
        <p className="mt-3 text-ink-3 text-sm">
          {t('storage.preview.firstRows', { rows: MAX_ROWS, columns: MAX_COLUMNS })}
        </p>
      ) : null}
    </>
  );
}
