/**
 * The number of handler slots of a worker on which one owner may have `concurrency` slots. It is a third more, so that an owner
 * that uses its full share leaves slots for others.
 */
export const slotsFor = (concurrency: number): number => Math.ceil((concurrency * 4) / 3);

/**
 * How many handler slots of a worker one owner may have: three quarters of those that other owners do not use. No running handler
 * is stopped for another owner, so a worker must keep slots free for owners that come later. A share that grows with the free slots
 * does so for any number of active owners (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998,
 * with alpha = 3). A lone owner gets exactly the `concurrency` that was given to `slotsFor`.
 *
 * An owner that has a slot never gets the last free one. An owner that has none may get it.
 *
 * @param size handler slots of the worker, from 1
 * @param others slots that other owners use or are about to use; may exceed `size` when runs were claimed ahead
 */
export function shareOf(size: number, others: number): number {
  const left = size - others;
  return left <= 0 ? 0 : Math.max(Math.floor((left * 3) / 4), 1);
}
