/** Joins class names and leaves out what is false. Later classes do not override earlier ones: pass only what adds. */
export function cx(...parts: (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}
