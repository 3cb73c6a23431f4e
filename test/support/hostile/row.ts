import type { Answer, HostileRequest } from './exchange.js';
import type { World } from './world.js';

/** One hostile input, and what must come of it beside what the oracle asks of every row. */
export interface HostileRow {
  /** As in test/cases/hostile_inputs.md. Several rows may share one; `+` marks inputs of the same kind that are not in the file. */
  id: string;
  what: string;
  request: HostileRequest | ((world: World) => HostileRequest | Promise<HostileRequest>);
  /** Each status that is right. */
  status: number | readonly number[];
  code?: string;
  /** Of the first of `errors`. */
  pointer?: string | RegExp;
  also?: (answer: Answer, world: World) => void | Promise<void>;
}

/** A row that needs more than one request, or bytes that are no request. The oracle looks at every answer that it returns. */
export interface HostileScene {
  id: string;
  what: string;
  act: (world: World) => Promise<readonly Answer[]>;
  /** May write: the tables are not compared. */
  writes?: boolean;
  /** May take longer than the oracle's limit, in ms. */
  withinMs?: number;
}

export const isScene = (one: HostileRow | HostileScene): one is HostileScene => 'act' in one;

/** One row for each input, all with the same expectation. */
export function each<T>(
  id: string,
  inputs: readonly T[],
  row: (input: T) => Omit<HostileRow, 'id' | 'what'>,
  name: (input: T) => string = (input) => shorten(typeof input === 'string' ? input : JSON.stringify(input)),
): HostileRow[] {
  return inputs.map((input) => ({ id, what: name(input), ...row(input) }));
}

const shorten = (text: string): string => {
  const shown = JSON.stringify(text).slice(1, -1);
  return shown.length > 70 ? `${shown.slice(0, 60)}… (${shown.length} characters)` : shown;
};
