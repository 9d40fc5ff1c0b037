/**
 * Reads what the architecture test needs to know of a source file: its code without comments and the imports in it. A small scanner
 * instead of a compiler: it must be fast, and a type checker's view of a program is not needed to see who names whom.
 */
export interface Import {
  /** As written; each `${…}` of a computed import is a `*`. */
  specifier: string;
  /** `type`: erased before the program runs. */
  kind: 'value' | 'type' | 'dynamic';
}

export interface Source {
  path: string;
  text: string;
  /** The text with comments and all strings blanked except those that imports name; same length, same lines. */
  code: string;
  imports: Import[];
}

/** A slash starts a regular expression, not a division or the end of a JSX tag, after these. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%>~^]|\b(?:return|typeof|case|in|of|void|await))\s*$/;

/** Index just after the quoted string that opens at `start`; such strings end with their line at the latest. */
function endOfString(text: string, start: number): number {
  const quote = text[start];
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Index just after the regular expression that opens at `start`, or null when this slash opens none. */
function endOfRegex(text: string, start: number): number | null {
  if (!BEFORE_REGEX.test(text.slice(Math.max(0, start - 40), start))) return null;
  let inClass = false;
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at += text[at] === '\\' ? 2 : 1) {
    if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) return at + 1;
  }
  return null;
}

/** Index just after the template literal that opens at `start`, with those inside its expressions. */
function endOfTemplate(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '`') {
    if (text[at] === '\\') at += 2;
    else if (text.startsWith('${', at)) at = endOfExpression(text, at + 2);
    else at += 1;
  }
  return at + 1;
}

function endOfExpression(text: string, start: number): number {
  let depth = 1;
  let at = start;
  while (at < text.length) {
    const char = text[at];
    if (char === '`') at = endOfTemplate(text, at);
    else if (char === '"' || char === "'") at = endOfString(text, at);
    else {
      at += 1;
      if (char === '{') depth += 1;
      if (char === '}') depth -= 1;
      if (depth === 0) break;
    }
  }
  return at;
}

function endOfComment(text: string, start: number): number {
  const end = text.startsWith('//', start) ? text.indexOf('\n', start) : text.indexOf('*/', start) + 2;
  return end <= start ? text.length : end;
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

const NAMES_A_FILE = /\b(?:from|import)\s*\(?\s*$/;

function codeOf(text: string): string {
  let code = '';
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    let end = at + 1;
    let keep = true;
    if (text.startsWith('//', at) || text.startsWith('/*', at)) {
      end = endOfComment(text, at);
      keep = false;
    } else if (char === '/') end = endOfRegex(text, at) ?? end;
    else if (char === '"' || char === "'" || char === '`') {
      end = char === '`' ? endOfTemplate(text, at) : endOfString(text, at);
      keep = NAMES_A_FILE.test(code.slice(-40));
    }
    code += keep ? text.slice(at, end) : blank(text.slice(at, end));
    at = end;
  }
  return code;
}

const STATIC = /^[ \t]*(?:import|export)\b(\s+type\b(?!\s*,|\s+from\b))?(?:[^'"`;()=]*?\bfrom)?\s*(['"])([^'"\n]+)\2/gm;
const DYNAMIC = /(\btypeof\s+)?\bimport\(\s*(['"`])([^\n]*?)\2\s*[,)]/g;

function importsOf(code: string): Import[] {
  const imports: Import[] = [];
  for (const [, type, , specifier = ''] of code.matchAll(STATIC))
    imports.push({ specifier, kind: type ? 'type' : 'value' });
  for (const [, type, , specifier = ''] of code.matchAll(DYNAMIC)) {
    imports.push({ specifier: specifier.replace(/\$\{[^}]*\}/g, '*'), kind: type ? 'type' : 'dynamic' });
  }
  return imports;
}

/** @param path relative to the repository, with forward slashes */
export function readSource(path: string, text: string): Source {
  const isCode = /\.(ts|tsx|mjs)$/.test(path);
  const code = isCode ? codeOf(text) : text;
  return { path, text, code, imports: isCode ? importsOf(code) : [] };
}
