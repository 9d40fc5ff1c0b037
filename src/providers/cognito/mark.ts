/** A person before a shield, in the colours of the cloud's identity services. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="8" fill="#DD344C"/><path fill="none" stroke="#fff" stroke-width="3" stroke-linejoin="round" d="M24 8 38 13v10c0 9-6 14.5-14 17.500C16 37.500 10 32 10 23V13Z"/><circle cx="24" cy="20" r="4.500" fill="#fff"/><path fill="#fff" d="M15.500 32c1-5 4.500-7 8.500-7s7.500 2 8.500 7c-2.300 2.600-5.200 4.200-8.500 5.500-3.300-1.300-6.200-2.900-8.500-5.500Z"/></svg>`;

export const MARK = `data:image/svg+xml,${encodeURIComponent(SVG)}`;
