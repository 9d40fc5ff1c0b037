/**
 * The row of tabs, after the ARIA pattern for tabs: one stop for the keyboard, arrows move, Delete closes, F2 renames. The little
 * crosses are for the mouse only, for a tab may hold no other control.
 */
import { MAX_NAME_LENGTH, type TabInfo } from '../protocol.ts';
import { element, icon, keepFocus } from './dom.ts';
import { messages } from './messages.ts';

export interface TabStripActions {
  select: (id: string) => void;
  close: (id: string) => void;
  rename: (id: string, name: string) => void;
  /** Editing is over: the focus goes back to the terminal. */
  leave: () => void;
}

interface Item {
  root: HTMLElement;
  tab: HTMLElement;
  dot: HTMLElement;
  label: HTMLElement;
  status: HTMLElement;
  cross: HTMLElement;
}

export class TabStrip {
  readonly root = element('div', { class: 'tabs', role: 'tablist', 'aria-label': messages.tabs });
  readonly #actions: TabStripActions;
  readonly #items = new Map<string, Item>();
  #tabs: TabInfo[] = [];

  constructor(actions: TabStripActions) {
    this.#actions = actions;
    this.root.addEventListener('keydown', (event) => this.#onKey(event));
    // A mouse wheel that turns over the row moves along it.
    this.root.addEventListener(
      'wheel',
      (event) => {
        if (event.deltaX === 0) this.root.scrollLeft += event.deltaY;
      },
      { passive: true },
    );
  }

  render(tabs: TabInfo[], activeId: string | null, unseen: ReadonlySet<string>): void {
    this.#tabs = tabs;
    const ids = new Set(tabs.map((tab) => tab.id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.root.remove();
      this.#items.delete(id);
    }
    for (const [index, info] of tabs.entries()) {
      const item = this.#items.get(info.id) ?? this.#make(info.id);
      if (this.root.children[index] !== item.root) this.root.insertBefore(item.root, this.root.children[index] ?? null);
      this.#update(item, info, info.id === activeId, unseen.has(info.id));
    }
  }

  /** Brings a tab into sight. */
  reveal(id: string): void {
    this.#items.get(id)?.root.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #make(id: string): Item {
    const dot = element('span', { class: 'dot', 'aria-hidden': 'true' });
    const label = element('span', { class: 'label' });
    const status = element('span', { class: 'unseen-text' });
    const tab = element(
      'div',
      { class: 'tab', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}`, 'aria-keyshortcuts': 'Delete F2' },
      dot,
      label,
      status,
    );
    const cross = element(
      'button',
      { type: 'button', class: 'cross', tabindex: '-1', 'aria-hidden': 'true' },
      icon('cross'),
    );
    const root = element('div', { class: 'tab-item', role: 'presentation' }, tab, cross);
    tab.addEventListener('click', () => this.#actions.select(id));
    tab.addEventListener('dblclick', () => this.#edit(id));
    root.addEventListener('auxclick', (event) => {
      if (event.button === 1) this.#actions.close(id);
    });
    keepFocus(root);
    cross.addEventListener('click', () => this.#actions.close(id));
    const item = { root, tab, dot, label, status, cross };
    this.#items.set(id, item);
    return item;
  }

  #update(item: Item, info: TabInfo, active: boolean, unseen: boolean): void {
    const state = info.exit
      ? messages.ended(info.exit.code, info.exit.signal)
      : info.busy
        ? messages.running(info.foreground)
        : messages.waiting;
    const text = unseen ? `${state}. ${messages.unseen}` : state;
    item.root.classList.toggle('active', active);
    item.dot.dataset.state = info.exit
      ? info.exit.code === 0 && !info.exit.signal
        ? 'ended'
        : 'failed'
      : info.busy
        ? 'busy'
        : 'idle';
    item.dot.classList.toggle('unseen', unseen);
    item.tab.setAttribute('aria-selected', String(active));
    item.tab.tabIndex = active ? 0 : -1;
    item.tab.title = `${info.title || info.label}\n${text}\n${info.cwd ?? ''}\n${messages.tabHint}`.replace(
      /\n+/g,
      '\n',
    );
    if (item.label.textContent !== info.label) item.label.textContent = info.label;
    item.status.textContent = `, ${text}`;
    item.cross.title = messages.closeTabNamed(info.label);
  }

  #onKey(event: KeyboardEvent): void {
    const index = this.#tabs.findIndex((tab) => this.#items.get(tab.id)?.tab === event.target);
    const current = this.#tabs[index];
    if (!current) return;
    const count = this.#tabs.length;
    const targets: Record<string, number> = {
      ArrowLeft: index - 1 + count,
      ArrowRight: index + 1,
      Home: 0,
      End: count - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      const next = this.#tabs[target % count];
      if (!next) return;
      this.#actions.select(next.id);
      this.#items.get(next.id)?.tab.focus();
    } else if (event.key === 'Delete') this.#actions.close(current.id);
    else if (event.key === 'F2') this.#edit(current.id);
    else if (event.key === 'Enter' || event.key === ' ') this.#actions.leave();
    else return;
    event.preventDefault();
  }

  #edit(id: string): void {
    const item = this.#items.get(id);
    const info = this.#tabs.find((tab) => tab.id === id);
    if (!item || !info || item.root.querySelector('input')) return;
    const input = element('input', {
      class: 'rename',
      'aria-label': messages.renameTab,
      maxlength: String(MAX_NAME_LENGTH),
      spellcheck: 'false',
    });
    input.value = info.label;
    // Beside the tab, not in it: a tab may hold no other control.
    item.root.append(input);
    item.root.classList.add('editing');
    let over = false;
    const finish = (keep: boolean) => {
      if (over) return;
      over = true;
      input.remove();
      item.root.classList.remove('editing');
      if (keep && input.value !== info.label) this.#actions.rename(id, input.value);
      this.#actions.leave();
    };
    input.addEventListener('mousedown', (event) => event.stopPropagation());
    input.addEventListener('blur', () => finish(true));
    input.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key !== 'Enter' && event.key !== 'Escape') return;
      // Else the same key would reach the terminal, which has the focus next.
      event.preventDefault();
      finish(event.key === 'Enter');
    });
    input.focus();
    input.select();
  }
}
