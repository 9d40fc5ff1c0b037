import type { Metadata } from 'next';
import { translator } from '../../../ui/messages/translate.ts';
import { StoragesScreen } from '../../../ui/storage/storages-screen.tsx';

export const metadata: Metadata = { title: translator()('storage.title') };

export default function StoragesPage() {
  return <StoragesScreen />;
}
