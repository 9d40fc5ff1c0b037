'use client';
/** Tiers and what each allows, with where every value comes from: a table, and on a phone one block a tier. */
import Link from 'next/link';
import { LIMIT_NAMES, type LimitName, type Tier } from '../../../domain/quota.ts';
import { useFormat, useT } from '../../messages/messages-provider.tsx';
import { Button } from '../../primitives/button.tsx';
import { limitText, type TierRow } from './tiers.ts';
import { ValueSource } from './value-source.tsx';

interface TiersTableProps {
  tiers: readonly TierRow[];
  onEdit: (tier: Tier) => void;
}

export function TiersTable({ tiers, onEdit }: TiersTableProps) {
  const t = useT();
  return (
    <>
      <table
        aria-label={t('adminSettings.tiers.table')}
        className="hidden w-full table-fixed text-left md:table [&_td]:px-2 [&_td]:py-2.5 [&_td]:align-top [&_th]:px-2 [&_th]:py-2.5 [&_th]:align-top"
      >
        <thead className="text-ink-2 text-sm">
          <tr>
            <th scope="col" className="pl-4! font-medium">
              {t('adminSettings.tiers.tier')}
            </th>
            {LIMIT_NAMES.map((name) => (
              <th key={name} scope="col" className="font-medium">
                {t(`adminSettings.tiers.${name}`)}
              </th>
            ))}
            <th scope="col" className="w-24">
              <span className="sr-only">{t('adminSettings.tiers.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tiers.map((row) => (
            <tr key={row.tier} className="[&>*]:border-line [&>*]:border-t">
              <th scope="row" className="pl-4! font-medium">
                <TierName row={row} />
              </th>
              {LIMIT_NAMES.map((name) => (
                <td key={name}>
                  <LimitValue row={row} name={name} />
                </td>
              ))}
              <td className="pr-4! text-right">
                <EditTier tier={row.tier} onEdit={onEdit} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="md:hidden">
        {tiers.map((row) => (
          <li key={row.tier} className="border-line border-t px-4 py-3">
            <div className="flex items-start justify-between gap-3">
              <h3 className="min-w-0 font-medium">
                <TierName row={row} />
              </h3>
              <EditTier tier={row.tier} onEdit={onEdit} />
            </div>
            <dl className="mt-2 grid grid-cols-2 gap-x-4 gap-y-2">
              {LIMIT_NAMES.map((name) => (
                <div key={name} className="min-w-0">
                  <dt className="text-ink-2 text-sm">{t(`adminSettings.tiers.${name}`)}</dt>
                  <dd>
                    <LimitValue row={row} name={name} />
                  </dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </>
  );
}

function TierName({ row: { tier, people } }: { row: TierRow }) {
  const t = useT();
  return (
    <>
      {t(`settings.tier.${tier}`)}
      <Link
        href={`/admin/users?tier=${tier}`}
        prefetch={false}
        className="block w-fit rounded-sm font-normal text-ink-2 text-xs hover:text-accent-ink"
      >
        {t('adminSettings.tiers.people', { count: people })}
      </Link>
    </>
  );
}

function LimitValue({ row, name }: { row: TierRow; name: LimitName }) {
  const t = useT();
  const format = useFormat();
  return (
    <>
      <span className="nums block">{limitText(row.limits, name, format) ?? t('adminSettings.tiers.unlimited')}</span>
      <ValueSource source={row.sources[name]} />
    </>
  );
}

function EditTier({ tier, onEdit }: { tier: Tier; onEdit: (tier: Tier) => void }) {
  const t = useT();
  return (
    <Button
      size="sm"
      aria-label={t('adminSettings.tiers.editNamed', { tier: t(`settings.tier.${tier}`) })}
      onClick={() => onEdit(tier)}
    >
      {t('adminSettings.tiers.edit')}
    </Button>
  );
}
