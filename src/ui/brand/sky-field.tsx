'use client';
/**
 * The quiet sky behind the sign-in card: two fields of the same spectrum, turned slowly into one another
 * (f₁ cos φ + f₂ sin φ has that spectrum at every moment). Low resolution, scaled up smoothly; still with reduced motion.
 */
import { useEffect, useRef } from 'react';
import { cx } from '../primitives/class-names.ts';
import { planckTable } from './planck-colours.ts';
import { randomField } from './random-field.ts';

const WIDTH = 256;
const HEIGHT = 128;
const DEGREES = 14;
const SHADES = 256;
const FRAME_MS = 100;
const TURN_MS = 120_000;

export function SkyField({ className }: { className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const context = canvas.current?.getContext('2d', { alpha: false });
    if (!context) return;
    const image = context.createImageData(WIDTH, HEIGHT);
    const shape = { width: WIDTH, height: HEIGHT, degrees: DEGREES };
    const first = randomField({ ...shape, seed: 1965 });
    const second = randomField({ ...shape, seed: 1992 });
    const table = planckTable(SHADES);
    const draw = (angle: number) => {
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      for (let i = 0; i < first.length; i++) {
        const sigma = (first[i] ?? 0) * cos + (second[i] ?? 0) * sin;
        const shade = Math.min(SHADES - 1, Math.max(0, Math.round((0.5 + sigma / 6) * SHADES))) * 3;
        image.data[i * 4] = table[shade] ?? 0;
        image.data[i * 4 + 1] = table[shade + 1] ?? 0;
        image.data[i * 4 + 2] = table[shade + 2] ?? 0;
        image.data[i * 4 + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    };
    draw(0);
    canvas.current?.setAttribute('data-drawn', '');
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const started = performance.now();
    const timer = setInterval(() => {
      if (!document.hidden) draw(((performance.now() - started) / TURN_MS) * 2 * Math.PI);
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, []);

  return (
    <canvas
      ref={canvas}
      width={WIDTH}
      height={HEIGHT}
      aria-hidden
      className={cx('opacity-0 transition-opacity duration-150 data-drawn:opacity-100', className)}
    />
  );
}
