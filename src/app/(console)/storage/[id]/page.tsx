import type { Metadata } from 'next';
import { translator } from '../../../../ui/messages/translate.ts';
import { FilesScreen } from '../../../../ui/storage/files-screen.tsx';

export const metadata: Metadata = { title: translator()('storage.files.title') };

interface Props {
  params: Promise<{ id: string }>;
}

export default async function FilesPage({ params }: Props) {
  return <FilesScreen id={(await params).id} />;
}
