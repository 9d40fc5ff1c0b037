/** One line of a list of facts: what, and how it is. */
import type { ReactNode } from 'react';

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] items-baseline gap-x-4 border-line border-t py-2">
      <dt className="text-ink-2">{name}</dt>
      <dd className="nums wrap-anywhere min-w-0">{children}</dd>
    </div>
  );
}
