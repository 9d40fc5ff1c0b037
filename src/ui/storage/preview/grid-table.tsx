'use client';
/** A small table of text as it is; numbers stand to the right. */
import { cx } from '../../primitives/class-names.ts';

interface GridTableProps {
  label: string;
  head: string[];
  rows: string[][];
}

const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text));

export function GridTable({ label, head, rows }: GridTableProps) {
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard must reach it
      tabIndex={0}
      className="overflow-x-auto rounded-sm border border-line"
    >
      <table aria-label={label} className="w-full border-collapse text-sm tabular-nums">
        <thead>
          <tr className="bg-sunken text-left text-ink-2">
            {head.map((name, index) => (
              <th
                // biome-ignore lint/suspicious/noArrayIndexKey: columns may share a name
                key={index}
                scope="col"
                className={cx(
                  'whitespace-nowrap px-2.5 py-1.5 font-medium',
                  isNumber(rows[0]?.[index] ?? '') && 'text-right',
                )}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no other identity
            <tr key={index} className="border-line border-t">
              {row.map((cell, column) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  key={column}
                  className={cx('max-w-72 truncate whitespace-nowrap px-2.5 py-1', isNumber(cell) && 'text-right')}
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
