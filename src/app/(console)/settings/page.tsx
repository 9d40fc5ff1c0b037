import type { Metadata } from 'next';
import { translator } from '../../../ui/messages/translate.ts';
import { SettingsScreen } from '../../../ui/settings/settings-screen.tsx';

export const metadata: Metadata = { title: translator()('settings.title') };

export default function SettingsPage() {
  return <SettingsScreen />;
}
