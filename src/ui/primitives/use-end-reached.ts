'use client';
/** Calls back when the end of a scrolling box comes near, or is in view from the start. */
import { type RefObject, useEffect, useRef } from 'react';

const NEAR_PX = 400;

/** @param count Of what is shown: looked at again when it grows, for boxes that are not filled yet. */
export function useEndReached(
  box: RefObject<HTMLElement | null>,
  onEnd: (() => void) | undefined,
  count: number,
): void {
  const latest = useRef(onEnd);
  useEffect(() => {
    latest.current = onEnd;
  });
  const wanted = onEnd !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a larger count is the reason to look again
  useEffect(() => {
    const element = box.current;
    if (!element || !wanted) return;
    const look = () => {
      if (element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX) latest.current?.();
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, [box, wanted, count]);
}
