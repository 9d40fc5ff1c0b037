/**
 * Short messages that nobody has to answer. The library is loaded with the first one. What needs a decision or explains a
 * failure in a form belongs where it happened, not here.
 */
export interface ToastAction {
  label: string;
  onPress: () => void;
}

interface ToastOptions {
  /** Second line. */
  detail?: string;
  action?: ToastAction;
  /** Replaces an earlier one with the same id. */
  id?: string;
}

type Kind = 'success' | 'error' | 'info';

let used = false;
const waiting = new Set<() => void>();

/** For the region that shows them: whether there ever was one. */
export function anyToast(): boolean {
  return used;
}

export function subscribeToFirstToast(listener: () => void): () => void {
  waiting.add(listener);
  return () => waiting.delete(listener);
}

async function show(kind: Kind, text: string, { detail, action, id }: ToastOptions): Promise<void> {
  const { toast } = await import('sonner');
  used = true;
  for (const listener of waiting) listener();
  toast[kind](text, {
    id,
    description: detail,
    // Errors wait for the person; the rest leaves by itself.
    duration: kind === 'error' ? Number.POSITIVE_INFINITY : 5000,
    ...(action ? { action: { label: action.label, onClick: action.onPress } } : {}),
  });
}

export const toast = {
  success: (text: string, options: ToastOptions = {}) => void show('success', text, options),
  error: (text: string, options: ToastOptions = {}) => void show('error', text, options),
  info: (text: string, options: ToastOptions = {}) => void show('info', text, options),
};
