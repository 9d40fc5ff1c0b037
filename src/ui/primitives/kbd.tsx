/** Keys of a shortcut. `"mod+k"` is ⌘K on Apple machines and Ctrl K elsewhere; `"g e"` is a sequence. */
import { Fragment } from 'react';
import { cx } from './class-names.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  shift: '⇧',
  enter: '↵',
  up: '↑',
  down: '↓',
  escape: 'Esc',
  space: 'Space',
  delete: 'Del',
  backspace: '⌫',
};

export function Kbd({ keys, className }: { keys: string; className?: string }) {
  const presses = keys.split(' ');
  return (
    <span className={cx('inline-flex items-center gap-1', className)}>
      {presses.map((press, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list, and the same key may be pressed twice
        <Fragment key={index}>
          {press.split('+').map((key) => (
            <kbd
              key={key}
              className="inline-flex h-5 min-w-5 items-center justify-center rounded-[4px] border border-line-strong bg-surface px-1 font-sans text-ink-2 text-xs"
            >
              {/* Both are rendered and CSS shows one: the server cannot know the machine (see [data-apple] in globals.css). */}
              {key === 'mod' ? (
                <>
                  <span className="apple-only">⌘</span>
                  <span className="not-apple">Ctrl</span>
                </>
              ) : (
                (SYMBOLS[key] ?? key.toUpperCase())
              )}
            </kbd>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
