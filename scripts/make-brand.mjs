/**
 * Draws the mark and the icons into public/ (run it on Node 24 after changing src/ui/brand; the files are committed).
 *   node scripts/make-brand.mjs
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawMark } from '../src/ui/brand/sphere-field.ts';
import { png } from './png.mjs';

const PUBLIC = join(import.meta.dirname, '..', 'public');

/** The mark in the middle of a square; `ground` fills it (app icons must not be transparent). */
function square(size, markWidth, ground) {
  const pixels = new Uint8ClampedArray(size * size * 4);
  if (ground) for (let i = 0; i < size * size; i++) pixels.set(ground, i * 4);
  const mark = drawMark(markWidth);
  const left = Math.round((size - markWidth) / 2);
  const top = Math.round((size - markWidth / 2) / 2);
  for (let y = 0; y < markWidth / 2; y++) {
    for (let x = 0; x < markWidth; x++) {
      const from = (y * markWidth + x) * 4;
      const to = ((y + top) * size + x + left) * 4;
      const alpha = mark[from + 3] / 255;
      for (let c = 0; c < 3; c++)
        pixels[to + c] = ground ? mark[from + c] * alpha + ground[c] * (1 - alpha) : mark[from + c];
      pixels[to + 3] = ground ? 255 : mark[from + 3];
    }
  }
  return png(size, size, pixels);
}

const NIGHT = [11, 15, 21, 255];
writeFileSync(join(PUBLIC, 'mark.png'), png(112, 56, drawMark(112)));
writeFileSync(join(PUBLIC, 'icon-32.png'), square(32, 32, null));
writeFileSync(join(PUBLIC, 'icon-192.png'), square(192, 192, null));
writeFileSync(join(PUBLIC, 'apple-icon.png'), square(180, 148, NIGHT));
writeFileSync(
  join(PUBLIC, 'manifest.webmanifest'),
  `${JSON.stringify({ name: 'CMBCluster', short_name: 'CMBCluster', start_url: '/', display: 'standalone', background_color: '#0b0f15', theme_color: '#0b0f15', icons: [{ src: '/icon-192.png', sizes: '192x192', type: 'image/png' }] }, null, 2)}\n`,
);
