import type { Metadata } from 'next';
import { HelpIndex } from '../../../ui/help/help-index.tsx';
import { translator } from '../../../ui/messages/translate.ts';
import { Page } from '../../../ui/shell/page.tsx';

const t = translator();

export const metadata: Metadata = { title: t('help.title') };

export default function HelpPage() {
  return (
    <Page narrow title={t('help.title')} description={t('help.intro')}>
      <HelpIndex />
    </Page>
  );
}
