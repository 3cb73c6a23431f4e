/** The gates between a nominal time and its end, in the order in which a run passes them. */
export const gateNames = [
  'job',
  'calendar',
  'clock_change',
  'due',
  'catch_up',
  'overlap',
  'worker',
  'attempts',
] as const;
export type GateName = (typeof gateNames)[number];

/** `passed`: it lies behind the run. `open`: it would let the run through now. `closed`: it holds or ended the run. */
export const gateStates = ['passed', 'open', 'closed', 'not_reached'] as const;
export type GateState = (typeof gateStates)[number];

export interface Gate {
  gate: GateName;
  state: GateState;
  detail: string;
}

/** Why a nominal time ran, waits, or did not run. */
export interface Explanation {
  gates: Gate[];
  /** All of it in one sentence. */
  summary: string;
  /** What would let it start; null where nothing needs to, or can. */
  wouldStart: string | null;
}

/** Where a run stands: at which gate it stopped, and what follows from it. */
export interface Standing {
  /** Null when it has passed them all. */
  stoppedAt: GateName | null;
  /** How the gates before it are: behind the run, or open at this moment. */
  before: 'passed' | 'open';
  detail: string;
  summary: string;
  wouldStart: string | null;
}

/** @param details what each gate says where the run was not stopped at it */
export function explanationOf(standing: Standing, details: Record<GateName, string>): Explanation {
  const stop = standing.stoppedAt === null ? gateNames.length : gateNames.indexOf(standing.stoppedAt);
  const gates = gateNames.map((gate, index): Gate => {
    if (index === stop) return { gate, state: 'closed', detail: standing.detail };
    if (index > stop) return { gate, state: 'not_reached', detail: 'Not reached.' };
    return { gate, state: standing.before, detail: details[gate] };
  });
  return { gates, summary: standing.summary, wouldStart: standing.wouldStart };
}

/** 95 s, 12 min, 3 h: lengths of time as people say them. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 1) return `${Math.max(Math.round(ms), 0)} ms`;
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
