import { describe, expect, it } from 'vitest';
import { helpTopic, helpTopics, inlineParts } from './topics.ts';

describe('help topics', () => {
  it('have slugs of their own and lead only to topics that exist', () => {
    const slugs = helpTopics().map(({ slug }) => slug);
    expect(new Set(slugs).size).toBe(slugs.length);
    const dead = helpTopics().flatMap(({ slug, related }) =>
      related.filter((other) => other === slug || !helpTopic(other)),
    );
    expect(dead).toEqual([]);
  });

  it('split code and strong words from plain text', () => {
    expect(inlineParts('Press **Launch**, then `ls`.')).toEqual([
      { kind: 'plain', text: 'Press ' },
      { kind: 'strong', text: 'Launch' },
      { kind: 'plain', text: ', then ' },
      { kind: 'code', text: 'ls' },
      { kind: 'plain', text: '.' },
    ]);
  });
});
