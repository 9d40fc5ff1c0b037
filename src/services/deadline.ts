/**
 * An end to waiting for what may never answer: a provider's call, a step of the shutdown. What is waited for is not ended; its
 * late answer goes unheard, so it must be safe to ask for it again.
 */
import { AppError } from '../domain/errors.ts';

/** @throws deadline_exceeded (retryable) after `ms`; whatever `work` throws before that */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError('deadline_exceeded', `No answer within ${ms / 1000} seconds.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
