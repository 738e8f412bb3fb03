// Who shares the draft's next forward: those who wait at that moment, first come, first served. A step is one token, or a
// piece of a prompt, and everybody stands in line with one step at a time, so nobody waits for another's whole proposal.
import { FifoQueue, type WaitingJob } from '#libs/engine/index.js';

export class StepQueue<Job extends WaitingJob = WaitingJob> extends FifoQueue<Job> {
  /**
   * A step is too short to spend a turn of the event loop on it: whom the last forward has served is back once promises
   * have settled, and the forward itself begins with a turn, so messages that come meanwhile are in time for the next one.
   */
  gather(): Promise<void> {
    return new Promise((resolve) => process.nextTick(resolve));
  }
}
