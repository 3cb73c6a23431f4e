import { getMetadataStorage } from 'class-validator';
import type { ValidationError } from 'class-validator';
import type { FieldProblem } from '../../kernel/errors.js';
import { escapePointer } from '../json-pointer.js';

/** Faults named in one answer; a client that has more to mend sends again. */
const maxProblems = 100;

/** Constraints that say which values there are, and so belong to the message of a field that is missing. */
const listingConstraints = ['isIn', 'isEnum'];

/** Names that class-validator takes for known fields, because it looks its rules up in a plain object. */
export const namesOfEveryObject: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The first faults that class-validator found, as JSON pointers into what was validated. */
export function problemsOf(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  const problems = errors.slice(0, maxProblems).flatMap((error) => {
    const pointer = `${parent}/${escapePointer(error.property)}`;
    const own = error.constraints ? [{ pointer, detail: detailOf(error, error.constraints) }] : [];
    return [...own, ...problemsOf(error.children ?? [], pointer)];
  });
  return problems.slice(0, maxProblems);
}

function detailOf(error: ValidationError, constraints: Record<string, string>): string {
  const { property, target } = error;
  const value: unknown = error.value;
  if ('whitelistValidation' in constraints)
    return `there is no field "${property}" here; known: ${knownFields(target).join(', ')}.`;
  if (value === undefined) {
    const listing = listingConstraints.flatMap((name) => constraints[name] ?? []);
    return [`${property} is required`, ...listing].join('; ').concat('.');
  }
  if ('nestedValidation' in constraints || 'unknownValue' in constraints) return `${property} must be an object.`;
  return [...new Set(Object.values(constraints))].join('; ').concat('.');
}

function knownFields(target: object | undefined): string[] {
  if (!target) return [];
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(rules.map((rule) => rule.propertyName))];
}
