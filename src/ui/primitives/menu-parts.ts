'use client';
/**
 * The pieces of the menu library, handed down by the opened menu (menu-root.tsx). Menu items take them from here instead of
 * importing them, so that a page loads the library with its first opened menu only.
 */
import type { Item, ItemIndicator, Label, RadioGroup, RadioItem, Separator } from 'radix-ui/dropdown-menu';
import { createContext, useContext } from 'react';

export interface MenuParts {
  Item: typeof Item;
  ItemIndicator: typeof ItemIndicator;
  Label: typeof Label;
  RadioGroup: typeof RadioGroup;
  RadioItem: typeof RadioItem;
  Separator: typeof Separator;
}

export const MenuPartsContext = createContext<MenuParts | null>(null);

export function useMenuParts(): MenuParts {
  const parts = useContext(MenuPartsContext);
  if (!parts) throw new Error('Menu items stand inside a Menu.');
  return parts;
}
