/**
 * The page's policy allows only style elements with the nonce of this answer. The emulator makes its own while it runs and has
 * no option for a nonce, so each new style element gets it here, before anything is put in.
 */
export function giveStylesTheNonce(): void {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
  const create: typeof document.createElement = document.createElement.bind(document);
  document.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
