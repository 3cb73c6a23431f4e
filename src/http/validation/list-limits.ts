import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { invalid } from '../../kernel/errors.js';

/** The fields of a DTO that hold a list with `@ArrayMaxSize`, and that size. */
const known = new Map<Type<object>, ReadonlyMap<string, number>>();

/**
 * Refuses a list that is longer than its DTO allows, before anything reads its elements: the work of a refusal must not grow with
 * what was sent.
 * @throws DomainError `invalid`, naming each such list
 */
export function refuseLongLists(dto: Type<object> | undefined, sent: object): void {
  if (!dto) return;
  const problems = [...limitsOf(dto)].flatMap(([field, max]) => {
    const list = (sent as Record<string, unknown>)[field];
    if (!Array.isArray(list) || list.length <= max) return [];
    return [
      { pointer: `/${field}`, detail: `${field} must contain no more than ${max} elements; it has ${list.length}.` },
    ];
  });
  if (problems.length > 0) throw invalid(problems);
}

function limitsOf(dto: Type<object>): ReadonlyMap<string, number> {
  const found = known.get(dto);
  if (found) return found;
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const limits = rules
    .filter(({ name }) => name === 'arrayMaxSize')
    .map(({ propertyName, constraints }) => [propertyName, (constraints as number[])[0]!] as const);
  const made = new Map(limits);
  known.set(dto, made);
  return made;
}
