import type { Metadata } from 'next';
import { HomeScreen } from '../../ui/home/home-screen.tsx';
import { translator } from '../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('nav.home') };

export default function HomePage() {
  return <HomeScreen />;
}
