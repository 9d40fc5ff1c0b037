import type { Metadata } from 'next';
import { DatabaseScreen } from '../../../../ui/admin/database/database-screen.tsx';
import { translator } from '../../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('adminDatabase.title') };

export default function DatabasePage() {
  return <DatabaseScreen />;
}
