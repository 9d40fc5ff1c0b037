/** A key: the issuer's own mark is not known. The grey reads on light and dark. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#71809b" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="7.500" cy="15.500" r="4.500"/><path d="m10.700 12.300 9.300-9.300M16 7l3 3M13.500 9.500l2 2"/></svg>`;

export const MARK = `data:image/svg+xml,${encodeURIComponent(SVG)}`;
