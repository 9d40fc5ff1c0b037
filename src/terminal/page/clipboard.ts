/** Copies what is selected. The clipboard API needs a secure page and may be refused inside a frame; then the older way is tried. */
import type { Terminal } from '@xterm/xterm';

/** @returns whether something was copied */
export async function copySelection(terminal: Terminal): Promise<boolean> {
  const text = terminal.getSelection();
  if (!text) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    terminal.focus();
    // The emulator answers the copy event that this causes with its selection.
    return document.execCommand('copy');
  }
}
