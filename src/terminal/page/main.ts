/**
 * Entry of the Terminal's page; bundled to page.js. Runs in the browser at the root of the environment's own origin. It loads
 * nothing from elsewhere and keeps no state but a few settings: tabs and their output live on the server.
 */
import { SettingsStore } from './settings.ts';
import { giveStylesTheNonce } from './style-nonce.ts';
import { TerminalApp } from './terminal-app.ts';

/** The emulator measures its cells once; with a font that is still on its way they would be of the wrong width. */
const FONT_DEADLINE_MS = 1500;

giveStylesTheNonce();
const fonts = Promise.all([
  document.fonts.load('400 13px "JetBrains Mono Variable"'),
  document.fonts.load('italic 400 13px "JetBrains Mono Variable"'),
]);
const deadline = new Promise((resolve) => setTimeout(resolve, FONT_DEADLINE_MS));
Promise.race([fonts, deadline])
  .catch(() => undefined)
  .then(() => new TerminalApp(new SettingsStore()));
