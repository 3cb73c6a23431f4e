/** What quotas need of jobs; a later feature provides it globally. */
export interface ILiveJobs {
  /** How many unfinished jobs the user has, counted no further than `atMost`. */
  count(userId: string, atMost: number): Promise<number>;
}
export const ILiveJobs = Symbol('ILiveJobs');
