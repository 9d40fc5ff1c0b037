/**
 * Scrolls by a finger's drag: history by whole lines; where a program has the screen or the mouse, by turns of the wheel, which
 * the emulator passes on as it does a mouse's.
 */
import type { Terminal } from '@xterm/xterm';

export function scrollByTouch(screen: HTMLElement, terminal: Terminal): void {
  let lastY: number | null = null;
  /** Pixels dragged that do not make a line yet. */
  let rest = 0;
  screen.addEventListener(
    'touchstart',
    (event) => {
      lastY = event.touches.length === 1 ? (event.touches[0]?.clientY ?? null) : null;
      rest = 0;
    },
    { passive: true },
  );
  screen.addEventListener(
    'touchmove',
    (event) => {
      const touch = event.touches[0];
      if (lastY === null || !touch || event.touches.length !== 1) return;
      event.preventDefault();
      event.stopPropagation();
      const { clientX, clientY } = touch;
      rest += lastY - clientY;
      lastY = clientY;
      const target = terminal.element?.querySelector('.xterm-screen') ?? screen;
      const lineHeightPx = target.clientHeight / terminal.rows;
      const lines = Math.trunc(rest / lineHeightPx);
      if (lines === 0) return;
      const deltaY = lines * lineHeightPx;
      rest -= deltaY;
      const ofProgram = terminal.buffer.active.type === 'alternate' || terminal.modes.mouseTrackingMode !== 'none';
      if (ofProgram)
        target.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX, clientY, bubbles: true, cancelable: true }));
      else terminal.scrollLines(lines);
    },
    { passive: false, capture: true },
  );
}
