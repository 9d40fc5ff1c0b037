/** What is for administrators. Everybody else sees that it is; the server refuses each of its calls all the same. */
import type { ReactNode } from 'react';
import { AdminOnly } from '../../../ui/admin/admin-only.tsx';
import { ErrorPage } from '../../../ui/shell/error-pages.tsx';

export default function AdminLayout({ children }: { children: ReactNode }) {
  return <AdminOnly forbidden={<ErrorPage kind="forbidden" bare />}>{children}</AdminOnly>;
}
