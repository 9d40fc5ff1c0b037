import type { Metadata } from 'next';
import { Showcase } from './showcase.tsx';

export const metadata: Metadata = { title: 'Primitives' };

/** Every primitive in its states, for eyes and screenshot tests. Development only: see pageExtensions in next.config.mjs. */
export default function PrimitivesPage() {
  return <Showcase />;
}
