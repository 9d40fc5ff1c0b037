import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { HelpArticle } from '../../../../ui/help/help-article.tsx';
import { TitleCrumb } from '../../../../ui/help/title-crumb.tsx';
import { helpTopic } from '../../../../ui/help/topics.ts';
import { Page } from '../../../../ui/shell/page.tsx';

interface Props {
  params: Promise<{ topic: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: helpTopic((await params).topic)?.title };
}

export default async function HelpTopicPage({ params }: Props) {
  const topic = helpTopic((await params).topic);
  if (!topic) notFound();
  return (
    <Page narrow title={topic.title} description={topic.summary}>
      <TitleCrumb title={topic.title} />
      <HelpArticle topic={topic} />
    </Page>
  );
}
