/**
 * What a notebook file holds (nbformat 4), reduced to what a reader sees. Everything in it is somebody's text: shapes are
 * checked, nothing is run. Pure.
 */
import { z } from 'zod/mini';

/** Lines may be one string or many. */
const lines = z.pipe(
  z.union([z.string(), z.array(z.string())]),
  z.transform((text) => (typeof text === 'string' ? text : text.join(''))),
);

const output = z.object({
  output_type: z.string(),
  text: z.optional(lines),
  data: z.optional(z.record(z.string(), z.unknown())),
  ename: z.optional(z.string()),
  evalue: z.optional(z.string()),
  traceback: z.optional(z.array(z.string())),
});

const notebook = z.object({
  nbformat: z.number(),
  metadata: z.optional(z.object({ kernelspec: z.optional(z.object({ display_name: z.optional(z.string()) })) })),
  cells: z.array(
    z.object({
      cell_type: z.string(),
      source: lines,
      execution_count: z.optional(z.nullable(z.number())),
      outputs: z.optional(z.array(output)),
    }),
  ),
});

export type NotebookOutput =
  | { kind: 'text'; text: string; error: boolean }
  | { kind: 'html'; html: string }
  /** `type` is an image type, `data` base64. */
  | { kind: 'image'; type: string; data: string };

export interface NotebookCell {
  kind: 'markdown' | 'code' | 'raw';
  source: string;
  /** null: never run. */
  count: number | null;
  outputs: NotebookOutput[];
}

export interface Notebook {
  kernel: string | null;
  cells: NotebookCell[];
}

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** null: it is no notebook of this format. */
export function readNotebook(text: string): Notebook | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const { data } = notebook.safeParse(parsed);
  if (!data || data.nbformat < 4) return null;
  return {
    kernel: data.metadata?.kernelspec?.display_name ?? null,
    cells: data.cells.map((cell) => ({
      kind: cell.cell_type === 'markdown' || cell.cell_type === 'code' ? cell.cell_type : 'raw',
      source: cell.source,
      count: cell.execution_count ?? null,
      outputs: (cell.outputs ?? []).flatMap(readOutput),
    })),
  };
}

function readOutput(raw: z.output<typeof output>): NotebookOutput[] {
  if (raw.output_type === 'stream') return [{ kind: 'text', text: raw.text ?? '', error: false }];
  if (raw.output_type === 'error') {
    const text = raw.traceback?.join('\n') || `${raw.ename ?? 'Error'}: ${raw.evalue ?? ''}`;
    return [{ kind: 'text', text, error: true }];
  }
  return richest(raw.data ?? {});
}

/** The form that shows most; a picture before a table before text. */
function richest(data: Record<string, unknown>): NotebookOutput[] {
  const type = IMAGES.find((image) => lines.safeParse(data[image]).success);
  const picture = type ? lines.safeParse(data[type]).data : undefined;
  if (type && picture && /^[A-Za-z0-9+/=\s]+$/.test(picture)) {
    return [{ kind: 'image', type, data: picture.replace(/\s/g, '') }];
  }
  const html = lines.safeParse(data['text/html']);
  if (html.success) return [{ kind: 'html', html: html.data }];
  const text = lines.safeParse(data['text/plain']);
  return text.success ? [{ kind: 'text', text: text.data, error: false }] : [];
}
