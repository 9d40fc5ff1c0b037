/** The two dialogs: the question before a busy tab closes, and the settings. Native dialogs keep focus inside and give it back. */
import { element } from './dom.ts';
import { messages } from './messages.ts';
import { MAX_FONT_SIZE_PX, MIN_FONT_SIZE_PX, type SettingsStore, type Theme } from './settings.ts';

export function confirmClose(label: string, program: string | null): Promise<boolean> {
  const cancel = element('button', { type: 'submit', value: 'no', class: 'button', autofocus: true }, messages.cancel);
  const close = element('button', { type: 'submit', value: 'yes', class: 'button danger' }, messages.closeTab);
  const dialog = element(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'close-title' },
    element(
      'form',
      { method: 'dialog' },
      element('h2', { id: 'close-title' }, messages.closeQuestion(label)),
      element('p', {}, messages.closeWarning(program)),
      element('div', { class: 'buttons' }, cancel, close),
    ),
  );
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes');
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function showSettings(store: SettingsStore, onClose: () => void): void {
  const { value } = store;
  const themes: [Theme, string][] = [
    ['system', messages.themeSystem],
    ['light', messages.themeLight],
    ['dark', messages.themeDark],
  ];
  const themeRow = element('div', { class: 'segments', role: 'radiogroup', 'aria-label': messages.theme });
  for (const [theme, label] of themes) {
    const input = element('input', { type: 'radio', name: 'theme', value: theme, checked: theme === value.theme });
    input.addEventListener('change', () => store.set({ theme }));
    themeRow.append(element('label', {}, input, element('span', {}, label)));
  }

  const size = element('output', { 'aria-live': 'polite' }, String(value.fontSizePx));
  const smaller = element('button', { type: 'button', class: 'button', 'aria-label': messages.smaller }, 'A−');
  const larger = element('button', { type: 'button', class: 'button', 'aria-label': messages.larger }, 'A+');
  const step = (by: number) => {
    const fontSizePx = Math.min(MAX_FONT_SIZE_PX, Math.max(MIN_FONT_SIZE_PX, store.value.fontSizePx + by));
    store.set({ fontSizePx });
    size.textContent = String(fontSizePx);
    smaller.disabled = fontSizePx === MIN_FONT_SIZE_PX;
    larger.disabled = fontSizePx === MAX_FONT_SIZE_PX;
  };
  smaller.addEventListener('click', () => step(-1));
  larger.addEventListener('click', () => step(1));

  const reader = element('input', { type: 'checkbox', checked: value.screenReader });
  reader.addEventListener('change', () => store.set({ screenReader: reader.checked }));

  const keys = element('dl', { class: 'keys' });
  for (const [what, ...combinations] of messages.keyList) {
    const how = element('dd');
    for (const [index, combination] of combinations.entries())
      how.append(index > 0 ? ' or ' : '', element('kbd', {}, combination));
    keys.append(element('div', {}, element('dt', {}, what), how));
  }

  const dialog = element(
    'dialog',
    { class: 'dialog settings', 'aria-labelledby': 'settings-title' },
    element(
      'form',
      { method: 'dialog' },
      element('h2', { id: 'settings-title' }, messages.settings),
      element('div', { class: 'row' }, element('span', {}, messages.theme), themeRow),
      element(
        'div',
        { class: 'row' },
        element('span', {}, messages.textSize),
        element('div', { class: 'stepper' }, smaller, size, larger),
      ),
      element(
        'label',
        { class: 'row' },
        element('span', {}, messages.screenReader, element('small', {}, messages.screenReaderHint)),
        reader,
      ),
      element('h3', {}, messages.keys),
      keys,
      element('div', { class: 'buttons' }, element('button', { type: 'submit', class: 'button' }, messages.done)),
    ),
  );
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose();
  });
  document.body.append(dialog);
  dialog.showModal();
}
