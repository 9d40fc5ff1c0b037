'use client';
/** The opened menu: loaded with the first opening. */
import {
  Content,
  Item,
  ItemIndicator,
  Label,
  Portal,
  RadioGroup,
  RadioItem,
  Root,
  Separator,
  Trigger,
} from 'radix-ui/dropdown-menu';
import { type MenuParts, MenuPartsContext } from './menu-parts.ts';
import type { MenuProps } from './menu-props.ts';

const PARTS: MenuParts = { Item, ItemIndicator, Label, RadioGroup, RadioItem, Separator };

export function MenuRoot({ trigger, align = 'end', side = 'bottom', children }: MenuProps) {
  return (
    <Root modal={false} defaultOpen>
      <Trigger asChild>{trigger}</Trigger>
      <Portal>
        <Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-48 max-w-80 animate-pop overflow-y-auto rounded-md bg-raised p-1 shadow-float outline-none"
        >
          <MenuPartsContext value={PARTS}>{children}</MenuPartsContext>
        </Content>
      </Portal>
    </Root>
  );
}
