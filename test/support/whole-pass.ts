import type { PruneStep } from '../../src/kernel/retention.js';

/** Takes steps of pruning until all has been looked at. @returns how many rows are gone */
export async function wholePass(step: (after: string | null) => Promise<PruneStep>): Promise<number> {
  let total = 0;
  let after: string | null = null;
  do {
    const { deleted, next } = await step(after);
    total += deleted;
    after = next;
  } while (after !== null);
  return total;
}
