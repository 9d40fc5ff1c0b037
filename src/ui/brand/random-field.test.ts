import { expect, it } from 'vitest';
import { randomField } from './random-field.ts';

const options = { width: 128, height: 64, degrees: 20, seed: 7 };

it('is the same field for the same seed, with mean 0 and variance 1', () => {
  const field = randomField(options);
  expect(field).toEqual(randomField(options));
  expect(field).not.toEqual(randomField({ ...options, seed: 8 }));
  const mean = field.reduce((sum, value) => sum + value, 0) / field.length;
  expect(mean).toBeCloseTo(0, 3);
  expect(field.reduce((sum, value) => sum + value * value, 0) / field.length).toBeCloseTo(1, 3);
});

it('has structure: neighbours agree, distant points do not', () => {
  const field = randomField(options);
  const correlation = (lag: number) => {
    let sum = 0;
    for (let y = 0; y < 64; y++)
      for (let x = 0; x < 128; x++) sum += (field[y * 128 + x] ?? 0) * (field[y * 128 + ((x + lag) % 128)] ?? 0);
    return sum / field.length;
  };
  expect(correlation(1)).toBeGreaterThan(0.8);
  expect(Math.abs(correlation(40))).toBeLessThan(0.35);
});
