import type { Metadata } from 'next';
import { EnvironmentScreen } from '../../../../ui/environments/environment-screen.tsx';
import { translator } from '../../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('environments.title') };

interface Props {
  params: Promise<{ id: string }>;
}

export default async function EnvironmentPage({ params }: Props) {
  return <EnvironmentScreen id={(await params).id} />;
}
