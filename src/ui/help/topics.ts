/**
 * Help articles as data: short task pages, one language a folder, found by the palette and drawn by help-article.tsx.
 * Inline text may hold `code` in backticks and **strong** words.
 */
import { basics } from './en/basics.ts';
import { environments } from './en/environments.ts';
import { people } from './en/people.ts';
import type { HelpTopic } from './topic.ts';

const ENGLISH: readonly HelpTopic[] = [...basics, ...environments, ...people];

/** All topics in reading order. */
export function helpTopics(): readonly HelpTopic[] {
  return ENGLISH;
}

export function helpTopic(slug: string): HelpTopic | undefined {
  return helpTopics().find((topic) => topic.slug === slug);
}

export type Inline = { kind: 'plain' | 'code' | 'strong'; text: string };

/** Splits a text into plain words, `code` and **strong** words. */
export function inlineParts(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*/g)) {
    if (match.index > from) parts.push({ kind: 'plain', text: text.slice(from, match.index) });
    parts.push(match[1] === undefined ? { kind: 'strong', text: match[2] ?? '' } : { kind: 'code', text: match[1] });
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ kind: 'plain', text: text.slice(from) });
  return parts;
}
