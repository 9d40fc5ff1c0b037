'use client';
/** A notebook as it was saved: text, code and what came of it. Nothing is run; HTML is cleaned of all that acts or loads. */
import DOMPurify from 'dompurify';
import { useMemo } from 'react';
import { useT } from '../../messages/messages-provider.tsx';
import { cx } from '../../primitives/class-names.ts';
import { LogLineText } from '../../primitives/log-line.tsx';
import { Markdown } from './markdown.tsx';
import { type NotebookCell, type NotebookOutput, readNotebook } from './notebook.ts';
import { PlainText } from './plain-text.tsx';

const MAX_LINES = 500;

export function NotebookPreview({ text }: { text: string }) {
  const t = useT();
  const notebook = useMemo(() => readNotebook(text), [text]);
  if (!notebook) return <PlainText text={text} />;
  return (
    <div className="flex flex-col gap-4">
      {notebook.kernel ? <p className="text-ink-3 text-sm">{notebook.kernel}</p> : null}
      {notebook.cells.length === 0 ? <p className="text-ink-2">{t('storage.preview.noCells')}</p> : null}
      {notebook.cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells of a saved file do not move
        <Cell key={index} cell={cell} />
      ))}
    </div>
  );
}

function Cell({ cell }: { cell: NotebookCell }) {
  if (cell.kind === 'markdown') return <Markdown text={cell.source} />;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex gap-2 rounded-sm border border-line bg-sunken px-3 py-2 font-mono text-sm leading-5">
        <span className="w-8 shrink-0 select-none text-right text-ink-3">{cell.count === null ? '' : cell.count}</span>
        <pre className="min-w-0 flex-1 overflow-x-auto">{cell.source}</pre>
      </div>
      {cell.outputs.map((output, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: outputs of a saved file do not move
        <Output key={index} output={output} />
      ))}
    </div>
  );
}

function Output({ output }: { output: NotebookOutput }) {
  const t = useT();
  if (output.kind === 'image') {
    return (
      // biome-ignore lint/performance/noImgElement: it is part of the file, there is nothing to optimise
      <img
        src={`data:${output.type};base64,${output.data}`}
        alt={t('storage.preview.figure')}
        className="ml-13 max-w-[calc(100%-52px)] self-start rounded-sm bg-white"
      />
    );
  }
  if (output.kind === 'html') return <CleanHtml html={output.html} />;
  const lines = output.text.replace(/\n$/, '').split('\n');
  return (
    <pre
      className={cx(
        'ansi overflow-x-auto rounded-sm px-3 py-1 pl-13 font-mono text-sm leading-5',
        output.error && 'bg-failed-soft',
      )}
    >
      {lines.slice(0, MAX_LINES).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a saved file do not move
        <div key={index} className="min-h-5">
          <LogLineText text={line} hits={[]} current={false} />
        </div>
      ))}
      {lines.length > MAX_LINES ? '…' : null}
    </pre>
  );
}

function CleanHtml({ html }: { html: string }) {
  const clean = useMemo(
    () =>
      DOMPurify.sanitize(html, {
        USE_PROFILES: { html: true },
        FORBID_TAGS: ['style', 'form', 'input', 'button', 'select', 'textarea', 'video', 'audio', 'source', 'picture'],
        FORBID_ATTR: ['style', 'class', 'id', 'name', 'srcset', 'background', 'poster', 'action'],
        ALLOW_DATA_ATTR: false,
        // Pictures only as part of the file; links lead away, never to us.
        ALLOWED_URI_REGEXP: /^(?:https?:|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
      }),
    [html],
  );
  // biome-ignore lint/security/noDangerouslySetInnerHtml: cleaned on the line above, and the page's policy runs no inline script
  return <div className="prose-file overflow-x-auto pl-13" dangerouslySetInnerHTML={{ __html: clean }} />;
}
