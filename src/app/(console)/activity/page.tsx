import type { Metadata } from 'next';
import { ActivityScreen } from '../../../ui/activity/activity-screen.tsx';
import { translator } from '../../../ui/messages/translate.ts';

export const metadata: Metadata = { title: translator()('activity.title') };

export default function ActivityPage() {
  return <ActivityScreen />;
}
