/** What a help article is made of. */
export type HelpBlock =
  | { kind: 'text'; text: string }
  | { kind: 'heading'; text: string }
  | { kind: 'steps'; steps: readonly string[] }
  | { kind: 'list'; items: readonly string[] }
  | { kind: 'command'; command: string }
  | { kind: 'note'; text: string }
  | { kind: 'keys'; rows: readonly (readonly [keys: string, what: string])[] };

export interface HelpTopic {
  slug: string;
  title: string;
  /** One sentence for lists and the palette. */
  summary: string;
  keywords: readonly string[];
  blocks: readonly HelpBlock[];
  /** Slugs of what one reads next. */
  related: readonly string[];
}
