/**
 * Captured output as a bounded list of lines, fed by chunks read at byte offsets. Pure. A line that is still being written is the
 * last one and grows; the oldest lines leave when there are too many.
 */
export interface LogLine {
  id: number;
  text: string;
}

export interface LogChunk {
  from: number;
  to: number;
  text: string;
  end: number;
  start: number;
  generation: number;
}

export interface LogState {
  generation: number | null;
  lines: readonly LogLine[];
  /** Offset to read next; null = nothing read yet. */
  next: number | null;
  /** The log's end as last told. */
  end: number;
  /** Output before the first line shown exists or existed. */
  cut: boolean;
  /** Whether the last line was ended by a line break. */
  complete: boolean;
  lastId: number;
}

export const MAX_LINES = 50_000;

export const EMPTY_LOG: LogState = {
  generation: null,
  lines: [],
  next: null,
  end: 0,
  cut: false,
  complete: true,
  lastId: 0,
};

/** A chunk of another generation starts the log anew; a gap (dropped bytes) ends the open line. */
export function addChunk(state: LogState, chunk: LogChunk, maxLines = MAX_LINES): LogState {
  const fresh = state.generation !== chunk.generation || state.next === null || chunk.to < state.next;
  const base = fresh ? { ...EMPTY_LOG, lastId: state.lastId, cut: chunk.from > 0 } : state;
  const gap = !fresh && state.next !== null && chunk.from > state.next;
  const parts = chunk.text.split('\n');
  // The beginning of a tail read in the middle of a line would be half a line.
  if (fresh && chunk.from > 0 && parts.length > 1) parts.shift();
  const lines = [...base.lines];
  let { lastId } = base;
  const open = !base.complete && !gap;
  parts.forEach((text, index) => {
    const last = lines.at(-1);
    if (index === 0 && open && last) lines[lines.length - 1] = { id: last.id, text: last.text + text };
    else if (index < parts.length - 1 || text !== '') {
      lastId += 1;
      lines.push({ id: lastId, text });
    }
  });
  const complete = chunk.text === '' ? base.complete : chunk.text.endsWith('\n');
  const over = Math.max(0, lines.length - maxLines);
  return {
    generation: chunk.generation,
    lines: over > 0 ? lines.slice(over) : lines,
    next: chunk.to,
    end: chunk.end,
    cut: base.cut || gap || over > 0,
    complete,
    lastId,
  };
}

export function logText(lines: readonly LogLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join('');
}
