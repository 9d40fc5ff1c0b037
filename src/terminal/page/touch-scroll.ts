/** A finger's drag as turns of the wheel, so that history, full-screen programs and mouse modes all scroll as they do with a mouse. */
import type { Terminal } from '@xterm/xterm';

export function scrollByTouch(screen: HTMLElement, terminal: Terminal): void {
  let lastY: number | null = null;
  screen.addEventListener(
    'touchstart',
    (event) => {
      lastY = event.touches.length === 1 ? (event.touches[0]?.clientY ?? null) : null;
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
      const deltaY = lastY - touch.clientY;
      lastY = touch.clientY;
      const target = terminal.element?.querySelector('.xterm-screen') ?? screen;
      const { clientX, clientY } = touch;
      target.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX, clientY, bubbles: true, cancelable: true }));
    },
    { passive: false, capture: true },
  );
}
