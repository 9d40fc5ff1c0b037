/** Draws one help article. Server component: its text costs no JavaScript. */
import { Lightbulb } from 'lucide-react';
import Link from 'next/link';
import { translator } from '../messages/translate.ts';
import { Copyable } from '../primitives/copyable.tsx';
import { Kbd } from '../primitives/kbd.tsx';
import type { HelpBlock, HelpTopic } from './topic.ts';
import { helpTopic, inlineParts } from './topics.ts';

export function HelpArticle({ topic }: { topic: HelpTopic }) {
  const t = translator();
  const related = topic.related.flatMap((slug) => helpTopic(slug) ?? []);
  return (
    <article className="flex flex-col gap-4 text-lg">
      {topic.blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: static text
        <Block key={index} block={block} />
      ))}
      {related.length > 0 ? (
        <nav aria-label={t('help.related')} className="mt-4 border-line border-t pt-5 text-base">
          <h2 className="mb-2 font-semibold">{t('help.related')}</h2>
          <ul className="flex flex-col">
            {related.map(({ slug, title, summary }) => (
              <li key={slug}>
                <Link href={`/help/${slug}`} className="touch inline-flex flex-wrap gap-x-2 py-1">
                  <span className="font-medium text-accent-ink underline-offset-2 hover:underline">{title}</span>
                  <span className="text-ink-2">{summary}</span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      ) : null}
    </article>
  );
}

function Block({ block }: { block: HelpBlock }) {
  switch (block.kind) {
    case 'text':
      return (
        <p className="text-pretty">
          <Rich text={block.text} />
        </p>
      );
    case 'heading':
      return <h2 className="mt-3 font-semibold">{block.text}</h2>;
    case 'steps':
      return (
        <ol className="flex flex-col gap-3">
          {block.steps.map((step, index) => (
            <li key={step} className="flex gap-3">
              <span
                aria-hidden
                className="nums mt-0.5 flex size-5 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent-ink text-xs"
              >
                {index + 1}
              </span>
              <span className="text-pretty">
                <Rich text={step} />
              </span>
            </li>
          ))}
        </ol>
      );
    case 'list':
      return (
        <ul className="flex list-disc flex-col gap-2 pl-5 marker:text-ink-3">
          {block.items.map((item) => (
            <li key={item} className="text-pretty pl-1">
              <Rich text={item} />
            </li>
          ))}
        </ul>
      );
    case 'command':
      return <Copyable block text={block.command} />;
    case 'note':
      return (
        <aside className="flex gap-3 rounded-md border border-line bg-surface p-4 text-base text-ink-2">
          <Lightbulb className="icon mt-0.5 text-accent-ink" aria-hidden />
          <p className="text-pretty">
            <Rich text={block.text} />
          </p>
        </aside>
      );
    case 'keys':
      return (
        <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2 text-base">
          {block.rows.map(([keys, what]) => (
            <div key={keys} className="contents">
              <dt>
                <Kbd keys={keys} />
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      );
  }
}

function Rich({ text }: { text: string }) {
  return inlineParts(text).map((part) => {
    if (part.kind === 'code') {
      return (
        <code key={part.text} className="break-words rounded-[4px] border border-line bg-sunken px-1 py-px font-mono">
          {part.text}
        </code>
      );
    }
    if (part.kind === 'strong') {
      return (
        <strong key={part.text} className="font-semibold">
          {part.text}
        </strong>
      );
    }
    return part.text;
  });
}
