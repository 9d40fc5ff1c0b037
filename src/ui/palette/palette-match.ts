/** How well an entry of the palette answers a query. Pure: every word of the query must be found, titles count before keywords. */

const STARTS = 1;
const WORD_STARTS = 0.8;
const INSIDE = 0.5;
const KEYWORD = 0.3;

function words(text: string): string[] {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** 0 = no match, else up to 1. Keywords match from the beginning of a word only. */
export function paletteScore(query: string, title: string, keywords: readonly string[]): number {
  const wanted = words(query);
  if (wanted.length === 0) return 1;
  const inTitle = words(title);
  const whole = inTitle.join(' ');
  const inKeywords = keywords.flatMap(words);
  let sum = 0;
  for (const word of wanted) {
    const score = whole.startsWith(word)
      ? STARTS
      : inTitle.some((part) => part.startsWith(word))
        ? WORD_STARTS
        : whole.includes(word)
          ? INSIDE
          : inKeywords.some((part) => part.startsWith(word))
            ? KEYWORD
            : 0;
    if (score === 0) return 0;
    sum += score;
  }
  return sum / wanted.length;
}
