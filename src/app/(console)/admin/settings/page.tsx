import type { Metadata } from 'next';
import { AdminSettingsScreen } from '../../../../ui/admin/settings/admin-settings-screen.tsx';
import { translator } from '../../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('adminSettings.title') };

export default function AdminSettingsPage() {
  return <AdminSettingsScreen />;
}
