import { getMetadataStorage } from 'class-validator';
import type { ValidationError } from 'class-validator';
import type { FieldProblem } from '../../kernel/errors.js';
import { escapePointer } from '../../kernel/json-pointer.js';

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
    // Of what is no list, nothing is an element.
    const inner = error.constraints && 'isArray' in error.constraints ? [] : (error.children ?? []);
    return [...own, ...problemsOf(inner, pointer)];
  });
  return problems.slice(0, maxProblems);
}

function detailOf(error: ValidationError, constraints: Record<string, string>): string {
  const { property, target } = error;
  const value: unknown = error.value;
  if ('whitelistValidation' in constraints) {
    const known = knownFields(target);
    return `there is no field "${property}" here; ${meant(property, known)}known: ${known.join(', ')}.`;
  }
  if (value === undefined) {
    const listing = listingConstraints.flatMap((name) => constraints[name] ?? []);
    return [`${property} is required`, ...listing].join('; ').concat('.');
  }
  const type = typeFault(error, constraints);
  if (type !== undefined) return `${type}.`;
  if ('nestedValidation' in constraints || 'unknownValue' in constraints) return `${property} must be an object.`;
  return [...new Set(Object.values(constraints))].join('; ').concat('.');
}

/** What a value of the wrong type must be, and nothing of what is asked of the right one. Undefined where the type is right. */
function typeFault(
  { property, target, value }: ValidationError,
  constraints: Record<string, string>,
): string | undefined {
  const name = Object.keys(types).find((known) => known in constraints);
  if (name === undefined) return undefined;
  const rules = rulesOf(target, property);
  // What is wrong with an element of a list is said of each.
  if (Array.isArray(value) && rules.some((rule) => rule.name === name && rule.each)) return constraints[name];
  const limit: Limit = (rule, at = 0) => {
    const bounds = rules.find((one) => one.name === rule)?.constraints as number[] | undefined;
    return bounds?.[at];
  };
  return `${property} must be ${types[name]?.(limit) ?? ''}`;
}

type Limit = (rule: string, at?: number) => number | undefined;

/** Constraints that ask for a type, the outermost first, and how it is called. */
const types: Record<string, (limit: Limit) => string> = {
  isArray: () => 'a list',
  isObject: () => 'an object',
  isBoolean: () => 'true or false',
  isInt: (limit) => `a whole number${between(limit('min'), limit('max'))}`,
  isString: (limit) => {
    const range = between(limit('isLength'), limit('isLength', 1) ?? limit('maxLength'));
    return `a string${range && ` of${range.replace(' from', '')} characters`}`;
  },
};

function between(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` from ${least}`;
  return most === undefined ? '' : ` up to ${most}`;
}

/** Names that people give to the same thing in different places. */
const synonyms = [['days', 'excludeDates', 'dates', 'holidays']];

function meant(property: string, known: readonly string[]): string {
  const alike = synonyms.find((names) => names.includes(property)) ?? [];
  const field = known.find((name) => alike.includes(name));
  return field === undefined ? '' : `it is called "${field}" here; `;
}

const rulesOf = (target: object | undefined, property?: string) =>
  target
    ? getMetadataStorage()
        .getTargetValidationMetadatas(target.constructor, '', false, false)
        .filter(({ propertyName }) => property === undefined || propertyName === property)
    : [];

const knownFields = (target: object | undefined): string[] => [
  ...new Set(rulesOf(target).map((rule) => rule.propertyName)),
];
