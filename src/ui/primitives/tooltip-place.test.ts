import { expect, it } from 'vitest';
import { placeTooltip } from './tooltip-place.ts';

const tip = { width: 100, height: 24 };
const screen = { width: 800, height: 600 };

it('stands at the wanted side, centred', () => {
  expect(placeTooltip({ left: 400, top: 300, width: 32, height: 32 }, tip, { side: 'top', ...screen })).toEqual({
    left: 366,
    top: 270,
  });
  expect(placeTooltip({ left: 10, top: 300, width: 32, height: 32 }, tip, { side: 'right', ...screen })).toEqual({
    left: 48,
    top: 304,
  });
});

it('goes to the other side where there is no room, and stays in the window', () => {
  expect(placeTooltip({ left: 780, top: 4, width: 16, height: 16 }, tip, { side: 'top', ...screen })).toEqual({
    left: 692,
    top: 26,
  });
  expect(placeTooltip({ left: 760, top: 300, width: 32, height: 32 }, tip, { side: 'right', ...screen }).left).toBe(
    654,
  );
  expect(placeTooltip({ left: 300, top: 590, width: 32, height: 8 }, tip, { side: 'bottom', ...screen }).top).toBe(560);
});
