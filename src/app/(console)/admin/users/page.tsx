import type { Metadata } from 'next';
import { UsersScreen } from '../../../../ui/admin/users/users-screen.tsx';
import { translator } from '../../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('adminUsers.title') };

export default function UsersPage() {
  return <UsersScreen />;
}
