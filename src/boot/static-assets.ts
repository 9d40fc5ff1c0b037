/** Assets of a build as pages name them. Only as it stands: dot segments, written out or encoded, would lead to a page that read rows. */
export const STATIC = /^\/_next\/static(\/(?!\.{1,2}(\/|$))[^/\\%]+)+$/;
