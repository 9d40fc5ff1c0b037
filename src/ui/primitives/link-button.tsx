/** A link that looks like a button: for everything that changes the address, so that it opens in a new tab too. */
import Link from 'next/link';
import type { ComponentProps, ReactNode } from 'react';
import { type ButtonLook, buttonClass } from './button-look.ts';

interface LinkButtonProps extends Omit<ComponentProps<typeof Link>, 'href'>, ButtonLook {
  href: string;
  icon?: ReactNode;
  /** Leaves the application (an environment's origin, a download): a plain anchor, no client routing. */
  plain?: boolean;
}

export function LinkButton({
  look,
  size,
  wide,
  icon,
  plain = false,
  className,
  children,
  href,
  prefetch,
  ...rest
}: LinkButtonProps) {
  const look_ = buttonClass({ look, size, wide }, className);
  if (plain) {
    const { replace: _replace, scroll: _scroll, ...anchor } = rest;
    return (
      <a href={href} className={look_} {...(anchor as ComponentProps<'a'>)}>
        {icon}
        {children}
      </a>
    );
  }
  return (
    <Link href={href} prefetch={prefetch} className={look_} {...rest}>
      {icon}
      {children}
    </Link>
  );
}
