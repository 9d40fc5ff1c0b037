import type { Metadata } from 'next';
import { AuditScreen } from '../../../../ui/admin/audit/audit-screen.tsx';
import { translator } from '../../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('activity.audit.title') };

export default function AuditPage() {
  return <AuditScreen />;
}
