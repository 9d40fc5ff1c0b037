/** Where a tooltip stands: at the wanted side if there is room, else opposite, never outside of the window. Pure. */
interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Window {
  /** top, right, bottom or left. */
  side: string;
  width: number;
  height: number;
}

const GAP = 6;
const MARGIN = 8;

export function placeTooltip(
  target: Rect,
  tip: { width: number; height: number },
  { side, width, height }: Window,
): { left: number; top: number } {
  const above = target.top - tip.height - GAP;
  const below = target.top + target.height + GAP;
  const before = target.left - tip.width - GAP;
  const after = target.left + target.width + GAP;
  const fitsBelow = below + tip.height <= height - MARGIN;
  const fitsAfter = after + tip.width <= width - MARGIN;
  const centre = {
    left: target.left + (target.width - tip.width) / 2,
    top: target.top + (target.height - tip.height) / 2,
  };
  const place =
    side === 'right' || side === 'left'
      ? { left: (side === 'right' && fitsAfter) || before < MARGIN ? after : before, top: centre.top }
      : { left: centre.left, top: (side === 'bottom' && fitsBelow) || above < MARGIN ? below : above };
  const inside = (value: number, size: number, space: number) =>
    Math.max(MARGIN, Math.min(value, space - size - MARGIN));
  return {
    left: Math.round(inside(place.left, tip.width, width)),
    top: Math.round(inside(place.top, tip.height, height)),
  };
}
