/** The product's mark for pages that stand alone: a small ellipse of a random field in the colours of the microwave sky. */

const COLOURS = ['#16337a', '#2b62b4', '#7fb0dd', '#f2e8d2', '#f0b46a', '#d9622b', '#9c2417'];

/** Inline SVG, the same at every start: the field is seeded. */
export function markSvg(): string {
  let state = 27;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let spots = '';
  // A jittered grid, so that the field has structure everywhere.
  for (let row = 0; row < 4; row += 1) {
    for (let column = 0; column < 9; column += 1) {
      const x = Math.round(column * 7 + random() * 6 - 3);
      const y = Math.round(row * 9 + random() * 6 - 3);
      const r = Math.round(26 + random() * 32) / 10;
      const colour = COLOURS[Math.floor(random() * COLOURS.length)] ?? '#f2e8d2';
      spots += `<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/>`;
    }
  }
  return `<svg class="mark" width="56" height="28" viewBox="0 0 56 28" aria-hidden="true"><defs><clipPath id="m"><ellipse cx="28" cy="14" rx="28" ry="14"/></clipPath><filter id="b"><feGaussianBlur stdDeviation="1.1"/></filter></defs><g clip-path="url(#m)"><rect width="56" height="28" fill="#d8cdb4"/><g filter="url(#b)">${spots}</g></g></svg>`;
}
