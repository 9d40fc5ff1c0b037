'use client';
import { Cpu, Plus, RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../ui/primitives/button.tsx';
import { Checkbox } from '../../../ui/primitives/checkbox.tsx';
import { Chip } from '../../../ui/primitives/chip.tsx';
import { Combobox } from '../../../ui/primitives/combobox.tsx';
import { Copyable } from '../../../ui/primitives/copyable.tsx';
import { Field } from '../../../ui/primitives/field.tsx';
import { IconButton } from '../../../ui/primitives/icon-button.tsx';
import { Input } from '../../../ui/primitives/input.tsx';
import { Kbd } from '../../../ui/primitives/kbd.tsx';
import { LinkButton } from '../../../ui/primitives/link-button.tsx';
import { RadioCards } from '../../../ui/primitives/radio-cards.tsx';
import { SearchInput } from '../../../ui/primitives/search-input.tsx';
import { Select } from '../../../ui/primitives/select.tsx';
import { Switch } from '../../../ui/primitives/switch.tsx';
import { Textarea } from '../../../ui/primitives/textarea.tsx';
import { Row, Section } from './section.tsx';

const LOOKS = ['primary', 'secondary', 'quiet', 'danger'] as const;
const PLUS = <Plus className="icon" aria-hidden />;

export function ActionsShow() {
  const [filter, setFilter] = useState(true);
  return (
    <Section title="Actions">
      {LOOKS.map((look) => (
        <Row key={look}>
          <Button look={look} size="sm">
            Small
          </Button>
          <Button look={look}>Medium</Button>
          <Button look={look} size="lg" icon={PLUS}>
            Large with icon
          </Button>
          <Button look={look} busy>
            Busy
          </Button>
          <Button look={look} disabled>
            Disabled
          </Button>
        </Row>
      ))}
      <Row>
        <LinkButton href="/help">Link</LinkButton>
        <IconButton label="Restart" icon={<RotateCw className="icon" aria-hidden />} keys="r" />
        <IconButton label="Pinned" pressed icon={<Cpu className="icon" aria-hidden />} />
        <IconButton label="Delete" disabled icon={<Trash2 className="icon" aria-hidden />} />
        <IconButton label="Working" busy icon={PLUS} />
        <Chip selected={filter} count={12} onToggle={() => setFilter(!filter)}>
          Running
        </Chip>
        <Chip onToggle={() => {}}>Stopped</Chip>
        <Chip name="python" onRemove={() => {}}>
          python
        </Chip>
        <Chip>label</Chip>
        <Kbd keys="mod+k" />
        <Kbd keys="g e" />
        <Copyable text="env_01k9x2m4p7" />
      </Row>
      <Copyable block text="npm start -- link" className="max-w-md" />
    </Section>
  );
}

export function FieldsShow() {
  const [text, setText] = useState('');
  const [choice, setChoice] = useState<string | null>('standard');
  const [country, setCountry] = useState<string | null>(null);
  const [on, setOn] = useState(true);
  return (
    <Section title="Fields">
      <div className="grid gap-5 md:grid-cols-3">
        <Field label="Name" hint="Shown in lists and in the address.">
          <Input value={text} onChange={(event) => setText(event.target.value)} placeholder="My environment" />
        </Field>
        <Field label="Name" error="This name is taken. Choose another one.">
          <Input defaultValue="jupyter" mono />
        </Field>
        <Field label="Disabled" optional>
          <Input disabled defaultValue="cannot be changed" />
        </Field>
        <Field label="Size">
          <Select
            value={choice}
            onChange={setChoice}
            options={[
              { value: 'minimal', label: 'Minimal', hint: '0.5 cores · 1 GiB' },
              { value: 'standard', label: 'Standard', hint: '2 cores · 4 GiB' },
              { value: 'huge', label: 'Performance', hint: '4 cores · 8 GiB', disabled: true },
            ]}
          />
        </Field>
        <Field label="Bucket">
          <Combobox
            value={country}
            onChange={setCountry}
            options={Array.from({ length: 40 }, (_, index) => ({
              value: `b${index}`,
              label: `bucket-${index}`,
              hint: `${index} objects`,
            }))}
          />
        </Field>
        <Field label="Search" hideLabel className="justify-end">
          <SearchInput label="Search environments" value={text} onChange={setText} />
        </Field>
        <Field label="Script" hint="Runs in the workspace.">
          <Textarea mono defaultValue={'python train.py \\\n  --epochs 10'} />
        </Field>
        <div className="flex flex-col gap-3">
          <Checkbox checked={on} onChange={setOn} hint="Costs a little time at every start.">
            Install dependencies
          </Checkbox>
          <Checkbox checked="mixed" onChange={() => {}}>
            Some selected
          </Checkbox>
          <Checkbox checked={false} disabled onChange={() => {}}>
            Not available
          </Checkbox>
        </div>
        <div className="flex flex-col gap-3">
          <Switch checked={on} onChange={setOn} hint="Everything a little closer.">
            Compact rows
          </Switch>
          <Switch checked={false} disabled onChange={() => {}}>
            Not available
          </Switch>
        </div>
      </div>
      <RadioCards
        label="Size"
        value={choice}
        onChange={setChoice}
        cards={[
          {
            value: 'minimal',
            title: 'Minimal',
            detail: '0.5 cores · 1 GiB',
            icon: <Cpu className="icon" aria-hidden />,
          },
          {
            value: 'standard',
            title: 'Standard',
            detail: '2 cores · 4 GiB',
            icon: <Cpu className="icon" aria-hidden />,
          },
          {
            value: 'performance',
            title: 'Performance',
            detail: '4 cores · 8 GiB',
            icon: <Cpu className="icon" aria-hidden />,
            disabled: true,
            reason: '2 of 4 cores are in use',
          },
        ]}
      />
    </Section>
  );
}
