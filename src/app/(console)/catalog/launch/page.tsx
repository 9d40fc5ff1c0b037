import type { Metadata } from 'next';
import { LaunchScreen } from '../../../../ui/catalog/launch-screen.tsx';
import { translator } from '../../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('launch.page') };

export default function LaunchPage() {
  return <LaunchScreen />;
}
