import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Showcase } from './showcase.tsx';

export const metadata: Metadata = { title: 'Primitives' };

/** Every primitive in its states, for eyes and screenshot tests. Development only. */
export default function PrimitivesPage() {
  if (process.env.NODE_ENV === 'production') notFound();
  return <Showcase />;
}
