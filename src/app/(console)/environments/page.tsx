import type { Metadata } from 'next';
import { EnvironmentsScreen } from '../../../ui/environments/environments-screen.tsx';
import { translator } from '../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('environments.title') };

export default function EnvironmentsPage() {
  return <EnvironmentsScreen />;
}
