'use client';
import { EllipsisVertical, Inbox, Pencil, Square, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../ui/primitives/button.tsx';
import { Card } from '../../../ui/primitives/card.tsx';
import { ConfirmDialog } from '../../../ui/primitives/confirm-dialog.tsx';
import { Dialog } from '../../../ui/primitives/dialog.tsx';
import { Drawer } from '../../../ui/primitives/drawer.tsx';
import { EmptyState } from '../../../ui/primitives/empty-state.tsx';
import { ErrorState } from '../../../ui/primitives/error-state.tsx';
import { IconButton } from '../../../ui/primitives/icon-button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../ui/primitives/menu.tsx';
import { Progress } from '../../../ui/primitives/progress.tsx';
import { Bytes, Cores, Memory } from '../../../ui/primitives/quantity.tsx';
import { Loading, Skeleton, SkeletonText } from '../../../ui/primitives/skeleton.tsx';
import { Sparkline } from '../../../ui/primitives/sparkline.tsx';
import { StatusBadge, type Tone } from '../../../ui/primitives/status-badge.tsx';
import { Duration, Time } from '../../../ui/primitives/time.tsx';
import { Timeline } from '../../../ui/primitives/timeline.tsx';
import { toast } from '../../../ui/primitives/toast.ts';
import { Row, Section } from './section.tsx';

const TONES: readonly Tone[] = ['running', 'pending', 'stopping', 'stopped', 'failed', 'warning', 'neutral', 'paused'];
const AT = Date.UTC(2026, 10, 24, 9, 30);
const VALUES = Array.from({ length: 40 }, (_, index) =>
  index > 12 && index < 16 ? null : 2 + Math.sin(index / 3) + index / 20,
);

export function StatesShow() {
  return (
    <Section title="States">
      <Row>
        {TONES.map((tone) => (
          <StatusBadge key={tone} tone={tone}>
            {tone}
          </StatusBadge>
        ))}
      </Row>
      <Row>
        {TONES.map((tone) => (
          <StatusBadge key={tone} tone={tone} look="plain">
            {tone}
          </StatusBadge>
        ))}
      </Row>
      <Row>
        <Time at={AT} as="exact" />
        <Duration ms={95_000} />
        <Bytes value={1_536_000} />
        <Cores millicores={500} />
        <Memory mib={4096} />
        <Sparkline values={VALUES} label="CPU 3.4 cores" max={6} />
      </Row>
      <div className="grid gap-5 md:grid-cols-3">
        <Card title="Usage">
          <div className="flex flex-col gap-4">
            <Progress kind="usage" label="CPU" value={1} max={4} detail="1 of 4 cores" />
            <Progress kind="usage" label="Memory" value={7} max={8} detail="7 of 8 GiB" />
            <Progress kind="usage" label="Environments" value={2} max={2} detail="2 of 2" />
            <Progress label="cosmology-2026.fits" value={420} max={1000} />
          </div>
        </Card>
        <Card title="Launch">
          <Timeline
            label="Launch"
            steps={[
              { id: 'a', title: 'Accepted', state: 'done', time: '0.1 s' },
              { id: 'b', title: 'Storage ready', state: 'done', time: '0.3 s' },
              {
                id: 'c',
                title: 'Started',
                state: 'current',
                time: '4 s · usually 8 s',
                detail: 'Waiting for the first answer',
              },
              { id: 'd', title: 'Ready', state: 'waiting' },
            ]}
          />
        </Card>
        <Card title="Failed launch">
          <Timeline
            label="Failed launch"
            steps={[
              { id: 'a', title: 'Accepted', state: 'done', time: '0.1 s' },
              {
                id: 'b',
                title: 'Started',
                state: 'failed',
                time: '0.4 s',
                detail: 'The program ended at once with exit code 127.',
              },
              { id: 'c', title: 'Ready', state: 'waiting' },
            ]}
          />
        </Card>
      </div>
      <div className="grid gap-5 md:grid-cols-2">
        <Card flush>
          <EmptyState
            icon={<Inbox className="icon" aria-hidden />}
            title="No environments yet"
            action={<Button look="primary">Choose an application</Button>}
            help={
              <a href="/help" className="text-accent-ink underline underline-offset-2">
                How it works
              </a>
            }
          >
            Launch an application and it appears here, with its state and its files.
          </EmptyState>
        </Card>
        <div className="flex flex-col gap-4">
          <ErrorState
            what="The environments could not be loaded"
            why="The server did not answer within 30 seconds."
            now="Try again; what runs goes on running."
            actions={<Button size="sm">Try again</Button>}
            details={{ code: 'deadline_exceeded', at: AT, correlationId: 'k3f9a0x2' }}
          />
          <Card title="Loading">
            <Loading className="flex flex-col gap-3">
              <Skeleton className="h-5 w-40" />
              <SkeletonText lines={3} />
            </Loading>
          </Card>
        </div>
      </div>
    </Section>
  );
}

export function OverlaysShow() {
  const [open, setOpen] = useState<'dialog' | 'confirm' | 'drawer' | null>(null);
  const close = () => setOpen(null);
  return (
    <Section title="Overlays">
      <Row>
        <Button onClick={() => setOpen('dialog')}>Dialog</Button>
        <Button onClick={() => setOpen('confirm')}>Typed confirmation</Button>
        <Button onClick={() => setOpen('drawer')}>Drawer</Button>
        <Menu trigger={<IconButton label="Actions" icon={<EllipsisVertical className="icon" aria-hidden />} />}>
          <MenuItem icon={<Pencil className="icon" aria-hidden />} keys="r">
            Rename
          </MenuItem>
          <MenuItem icon={<Square className="icon" aria-hidden />} hint="Keeps files and settings">
            Stop
          </MenuItem>
          <MenuItem disabled>Not available</MenuItem>
          <MenuSeparator />
          <MenuItem danger icon={<Trash2 className="icon" aria-hidden />}>
            Delete…
          </MenuItem>
        </Menu>
        <Button onClick={() => toast.success('Environment renamed', { action: { label: 'Undo', onPress: () => {} } })}>
          Toast
        </Button>
        <Button
          onClick={() =>
            toast.error('The file was not saved', { detail: 'The disk is full. Free some space, then try again.' })
          }
        >
          Error toast
        </Button>
      </Row>
      <Dialog
        open={open === 'dialog'}
        onOpenChange={close}
        title="Rename environment"
        description="The address stays as it is."
        footer={
          <>
            <Button onClick={close}>Cancel</Button>
            <Button look="primary" onClick={close}>
              Rename
            </Button>
          </>
        }
      />
      <ConfirmDialog
        open={open === 'confirm'}
        onOpenChange={close}
        title="Delete “analysis”?"
        word="analysis"
        action="Delete environment"
        onConfirm={close}
      >
        The environment and its settings are deleted. Its bucket and your home folder stay.
      </ConfirmDialog>
      <Drawer open={open === 'drawer'} onOpenChange={close} title="results.csv">
        <SkeletonText lines={6} />
      </Drawer>
    </Section>
  );
}
