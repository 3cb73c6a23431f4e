/**
 * Handler slots of a worker that lets one owner have `concurrency` of them: a third more, so that one who takes all that it gets leaves some
 * to others.
 */
export const placesFor = (concurrency: number): number => Math.ceil((concurrency * 4) / 3);

/**
 * How many of a worker's places one owner may hold: three quarters of those that the others leave. Nothing that runs is stopped for
 * somebody else, so a worker must keep places for owners who come later. A share that grows with what is free does so whatever
 * number of owners is at work (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998, with
 * alpha = 3). A lone owner has exactly the `concurrency` that `placesFor` was asked for.
 *
 * An owner that holds something never gets the last free place. One that holds nothing gets any.
 *
 * @param size places of the worker, from 1
 * @param others places that other owners hold or are about to get; it may be more than there are, when claims ran ahead
 */
export function shareOf(size: number, others: number): number {
  const left = size - others;
  return left <= 0 ? 0 : Math.max(Math.floor((left * 3) / 4), 1);
}
