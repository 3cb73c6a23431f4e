/** A doorbell to ring for a run. */
export interface Ring {
  runId: string;
  /** Whose it is, where whoever rings knows: workers share their places out by it. */
  userId?: string;
  /** Ms from now until the run is due. */
  delayMs: number;
}
