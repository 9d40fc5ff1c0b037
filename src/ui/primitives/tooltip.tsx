'use client';
/**
 * A short hint on hover and keyboard focus. It costs three attributes: one layer for the whole application (tooltip-layer.tsx)
 * shows it, so that a table of a thousand buttons stays light. Never the only place of a fact: touch screens do not show it.
 */
import { cloneElement, type HTMLAttributes, type ReactElement } from 'react';

export type TooltipSide = 'top' | 'right' | 'bottom' | 'left';

export interface TooltipAttributes extends HTMLAttributes<HTMLElement> {
  'data-tip'?: string;
  'data-tip-keys'?: string;
  'data-tip-side'?: TooltipSide;
}

interface TooltipProps {
  text: string;
  keys?: string | undefined;
  side?: TooltipSide;
  /** One element that hands its attributes on to the DOM. */
  children: ReactElement<TooltipAttributes>;
  disabled?: boolean;
}

export function Tooltip({ text, keys, side = 'top', children, disabled = false }: TooltipProps) {
  if (disabled) return children;
  return cloneElement(children, { 'data-tip': text, 'data-tip-keys': keys, 'data-tip-side': side });
}
