/** Following jobs on files by what the live stream tells. Pure, and apart from their words, since every page follows. */
import type { FileJob } from './file-job.ts';

/** A list of jobs with this one as it is now; what is older than what is known changes nothing. */
export function withJob(jobs: readonly FileJob[], job: FileJob): FileJob[] {
  const known = jobs.find(({ id }) => id === job.id);
  if (!known) return [job, ...jobs];
  const isNews = job.status !== 'running' || (known.status === 'running' && job.updatedAt >= known.updatedAt);
  return isNews ? jobs.map((one) => (one.id === job.id ? job : one)) : [...jobs];
}
