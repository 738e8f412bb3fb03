// First come, first served, in turns: a job whose tokens don't fit comes back at the end of the queue. Within a forward the
// tokens are shared out so that no job gets more while another lacks some (max-min fairness): the rounds of running
// generations, a few tokens each, go through whole, and prompts take what is left.
import type { BatchBudget, BatchQueue, Share, WaitingJob } from './batch-queue.js';

export class FifoQueue<Job extends WaitingJob> implements BatchQueue<Job> {
  private readonly jobs = new Set<Job>();

  get size(): number {
    return this.jobs.size;
  }

  add(job: Job): void {
    this.jobs.add(job);
  }

  remove(job: Job): void {
    this.jobs.delete(job);
  }

  take({ tokens, slots }: BatchBudget): Share<Job>[] {
    const first = [...this.jobs].slice(0, slots).sort((a, b) => a.numTokens - b.numTokens);
    const shares: Share<Job>[] = [];
    let left = tokens;
    for (const [i, job] of first.entries()) {
      const fair = Math.floor(left / (first.length - i));
      const numTokens = shareOf(job, fair, shares.length === 0 ? Number.POSITIVE_INFINITY : left);
      if (numTokens === 0) continue;
      shares.push({ job, numTokens });
      this.jobs.delete(job);
      left -= numTokens;
    }
    return shares;
  }
}

/** What a job may have of `fair` tokens; up to `most` if its rows need them. */
function shareOf({ numTokens, numRows }: WaitingJob, fair: number, most: number): number {
  if (numTokens <= fair) return numTokens;
  const divisible = Math.min(numTokens - numRows, fair);
  if (divisible > 0) return divisible;
  return numTokens <= most ? numTokens : 0;
}
