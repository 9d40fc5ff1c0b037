'use client';
import { ActionsShow, FieldsShow } from './controls.tsx';
import { DataShow } from './data.tsx';
import { OverlaysShow, StatesShow } from './states.tsx';
/** The primitives, section by section. `?theme=light|dark` fixes the theme for screenshots. */
import { useShowcaseTheme } from './use-showcase-theme.ts';

export function Showcase() {
  useShowcaseTheme();
  return (
    <main className="mx-auto flex max-w-[1280px] flex-col gap-10 px-4 py-8 md:px-6">
      <h1 className="font-semibold text-2xl">Primitives</h1>
      <ActionsShow />
      <FieldsShow />
      <StatesShow />
      <OverlaysShow />
      <DataShow />
    </main>
  );
}
