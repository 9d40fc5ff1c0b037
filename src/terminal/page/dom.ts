/** Builds elements: no markup strings anywhere on the page, so nothing a program prints can become markup. */
type Child = Node | string | null;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | boolean | null> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, '');
    else if (typeof value === 'string') made.setAttribute(key, value);
  }
  for (const child of children) if (child !== null) made.append(child);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

const SHAPES = {
  plus: ['M8 3v10', 'M3 8h10'],
  cross: ['M4 4l8 8', 'M12 4l-8 8'],
  sliders: ['M2.5 5h5', 'M11.5 5h2', 'M2.5 11h2', 'M8.5 11h5', 'M9.5 3.2v3.6', 'M6.5 9.2v3.6'],
  terminal: ['M3.5 4.5L7 8l-3.5 3.5', 'M8.5 11.5h4'],
} as const;

/** A 16-pixel icon; its name is said by the control that holds it. */
export function icon(name: keyof typeof SHAPES): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', shape);
    svg.append(path);
  }
  return svg;
}

/** A press that leaves the focus, and so a phone's keyboard, where it is. */
export function keepFocus(target: HTMLElement): void {
  target.addEventListener('mousedown', (event) => event.preventDefault());
}
