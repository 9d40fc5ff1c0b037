'use client';
/** The launch form itself; loaded while its data is read. Its button stays in view at the end of the dialog. */
import { LaunchFields } from './launch-fields.tsx';
import { LaunchSubmit } from './launch-submit.tsx';
import { type LaunchFormData, useLaunchForm } from './use-launch-form.ts';

export function LaunchForm(data: LaunchFormData) {
  const form = useLaunchForm(data);
  return (
    <form
      noValidate
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <LaunchFields data={data} form={form} />
      <div className="z-10 flex flex-col gap-2 sm:sticky sm:-bottom-5 sm:-mx-5 sm:-mb-5 sm:flex-row sm:items-center sm:border-line sm:border-t sm:bg-raised sm:px-5 sm:py-3">
        <LaunchSubmit data={data} form={form} />
      </div>
    </form>
  );
}
