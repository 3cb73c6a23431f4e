import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type { FieldProblem } from '../../kernel/errors.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';

/** @param sent the body, a JSON object whose fields may hold anything @returns what is wrong with their meaning */
export type MeaningCheck = (sent: object) => MaybePromise<FieldProblem[]>;

/** Faults named in one answer; a client that has more to mend sends again. */
const maxProblems = 100;

/**
 * Checks of a body's meaning, by its DTO. A service checks the meaning of a body of the right shape. Here the pipe asks about a body
 * of the wrong shape, so that one answer names all that is wrong with it.
 */
@Injectable()
export class BodyMeanings {
  private readonly checks = new Map<unknown, MeaningCheck>();

  register(dto: Type<object>, check: MeaningCheck): void {
    this.checks.set(dto, check);
  }

  /** The faults of shape, and those of meaning in other fields than these; at most 100. */
  async beside(shape: readonly FieldProblem[], dto: unknown, sent: object): Promise<FieldProblem[]> {
    const check = this.checks.get(dto);
    if (!check) return [...shape];
    const meaning = await check(sent);
    const others = meaning.filter(({ pointer }) => !shape.some((fault) => isWithin(fault.pointer, pointer)));
    return [...shape, ...others].slice(0, maxProblems);
  }
}

const isWithin = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}/`);
