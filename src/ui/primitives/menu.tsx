'use client';
/** A list of actions behind one trigger. Destructive items come last and turn red only when reached. */
import Link from 'next/link';
import { cloneElement, lazy, type ReactNode, Suspense, useState } from 'react';
import { cx } from './class-names.ts';
import { Kbd } from './kbd.tsx';
import { MENU_ITEM_LOOK } from './menu-item-look.ts';
import { useMenuParts } from './menu-parts.ts';
import type { MenuProps } from './menu-props.ts';

const loadRoot = () => import('./menu-root.tsx');
const MenuRoot = lazy(async () => ({ default: (await loadRoot()).MenuRoot }));

export function Menu(props: MenuProps) {
  const [used, setUsed] = useState(false);
  const closed = cloneElement(props.trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    // By the time of the click it is there.
    onPointerEnter: loadRoot,
    onFocus: loadRoot,
    onClick: () => setUsed(true),
    onKeyDown: (event) => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      setUsed(true);
    },
  });
  if (!used) return closed;
  return (
    <Suspense fallback={closed}>
      <MenuRoot {...props} />
    </Suspense>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  keys?: string;
  disabled?: boolean;
  danger?: boolean;
  /** Second line: why it is disabled, what it does. */
  hint?: ReactNode;
  /** A link instead of an action. */
  href?: string;
  /** Leaves the application (opens in a new tab). */
  external?: boolean;
  onSelect?: () => void;
  children: ReactNode;
}

export function MenuItem({
  icon,
  keys,
  disabled,
  danger = false,
  hint,
  href,
  external = false,
  onSelect,
  children,
}: MenuItemProps) {
  const { Item } = useMenuParts();
  const body = (
    <>
      <span className="flex text-current opacity-80">{icon}</span>
      <span className="min-w-0 flex-1">
        <span className="block truncate">{children}</span>
        {hint ? <span className="block text-ink-3 text-sm">{hint}</span> : null}
      </span>
      {keys ? <Kbd keys={keys} /> : null}
    </>
  );
  const look = cx(MENU_ITEM_LOOK, danger && 'data-highlighted:bg-failed-soft data-highlighted:text-failed');
  return (
    <Item asChild={href !== undefined && !disabled} disabled={disabled} onSelect={onSelect} className={look}>
      {href === undefined || disabled ? (
        body
      ) : (
        <MenuLink href={href} external={external} className={look} body={body} />
      )}
    </Item>
  );
}

function MenuLink({
  href,
  external,
  body,
  ...rest
}: {
  href: string;
  external: boolean;
  className: string;
  body: ReactNode;
}) {
  if (!external) {
    return (
      <Link href={href} {...rest}>
        {body}
      </Link>
    );
  }
  return (
    <a href={href} target="_blank" rel="noopener" {...rest}>
      {body}
    </a>
  );
}

export function MenuSeparator() {
  const { Separator } = useMenuParts();
  return <Separator className="mx-1 my-1 h-px bg-line" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const { Label } = useMenuParts();
  return <Label className="px-2 pt-1.5 pb-1 text-ink-3 text-xs">{children}</Label>;
}
