import type { Metadata } from 'next';
import { translator } from '../ui/messages/translate.ts';
import { ErrorPage } from '../ui/shell/error-pages.tsx';

export const metadata: Metadata = { title: translator()('error.notFound.what') };

export default function NotFound() {
  return <ErrorPage kind="notFound" />;
}
