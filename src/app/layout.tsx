/** The document around every page: language, theme before the first paint, fonts, icons. */
import type { Metadata, Viewport } from 'next';
import localFont from 'next/font/local';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { DEFAULT_LOCALE, language, translator } from '../ui/messages/translate.ts';
import { AppRoot } from '../ui/shell/app-root.tsx';
import { DENSITY_COOKIE, rootAttributes, THEME_COOKIE } from '../ui/shell/theme.ts';
import './globals.css';

// Preloaded, and left out of a page that they reach too late: nothing that is being read moves.
const sans = localFont({
  src: '../../node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  weight: '100 900',
  variable: '--font-inter',
  display: 'optional',
});
const mono = localFont({
  src: '../../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
  weight: '100 800',
  variable: '--font-jetbrains-mono',
  display: 'optional',
});

const name = translator()('product.name');

export const metadata: Metadata = {
  title: { default: name, template: `%s · ${name}` },
  icons: {
    icon: [
      { url: '/icon-32.png', sizes: '32x32', type: 'image/png' },
      { url: '/icon-192.png', sizes: '192x192', type: 'image/png' },
    ],
    apple: '/apple-icon.png',
  },
  manifest: '/manifest.webmanifest',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f7f8fa' },
    { media: '(prefers-color-scheme: dark)', color: '#0b0f15' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const spoken = language(DEFAULT_LOCALE);
  const jar = await cookies();
  const look = rootAttributes(jar.get(THEME_COOKIE)?.value, jar.get(DENSITY_COOKIE)?.value);
  return (
    <html lang={spoken.locale} className={`${sans.variable} ${mono.variable}`} {...look} suppressHydrationWarning>
      <body>
        <AppRoot spoken={spoken}>{children}</AppRoot>
      </body>
    </html>
  );
}
