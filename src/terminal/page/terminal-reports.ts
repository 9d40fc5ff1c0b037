/** Tells the emulator's own replies from what a person typed: both come out of xterm.js through the same event. */

const REPORTS = [
  // Focus in and out.
  /^\x1b\[[IO]$/,
  // Device attributes, status and cursor position, window size (a modified F3 looks like a cursor position; no harm).
  /^\x1b\[[?>=]?[\d;]*[cnRt]$/,
  // Mode report.
  /^\x1b\[\??[\d;]*\$y$/,
  // Colour and other OSC answers; DCS answers.
  /^\x1b\][\s\S]*(?:\x07|\x1b\\)$/,
  /^\x1bP[\s\S]*\x1b\\$/,
];

export function isTerminalReport(data: string): boolean {
  return data.charCodeAt(0) === 0x1b && REPORTS.some((pattern) => pattern.test(data));
}
