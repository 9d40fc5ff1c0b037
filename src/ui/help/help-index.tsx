/** All help topics as a list. */
import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { helpTopics } from './topics.ts';

export function HelpIndex() {
  return (
    <ul className="overflow-hidden rounded-lg border border-line bg-surface">
      {helpTopics().map(({ slug, title, summary }) => (
        <li key={slug} className="border-line border-b last:border-b-0">
          <Link
            href={`/help/${slug}`}
            className="group flex items-center gap-4 px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2"
          >
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{title}</span>
              <span className="block text-ink-2">{summary}</span>
            </span>
            <ChevronRight className="icon text-ink-3" aria-hidden />
          </Link>
        </li>
      ))}
    </ul>
  );
}
