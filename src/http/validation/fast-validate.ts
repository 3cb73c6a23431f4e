import { getMetadataStorage } from 'class-validator';
import type { ValidationArguments, ValidatorConstraintInterface } from 'class-validator';

type ValidationMetadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

interface Check {
  validator: ValidatorConstraintInterface;
  each: boolean;
  constraints: unknown[];
}

/** What class-validator holds of one field. */
interface FieldRules {
  /** The field is looked at when all of them hold. */
  conditions: ((object: object, value: unknown) => boolean)[];
  checks: Check[];
  nested: boolean;
}

type ClassRules = ReadonlyMap<string, FieldRules>;

const known = new Map<unknown, ClassRules | null>();

/**
 * Whether class-validator would find nothing wrong with the object, fields without rules included. It looks its rules up and
 * sorts them for every object that it is given; here that is done once for each class. False: ask class-validator, which
 * then says what is wrong, if anything is.
 */
export function isSurelyValid(object: object): boolean {
  const rules = rulesOf(object.constructor);
  if (!rules) return false;
  for (const name of Object.keys(object)) if (!rules.has(name)) return false;
  for (const [name, field] of rules) if (!isFieldValid(object, name, field)) return false;
  return true;
}

function isFieldValid(object: object, name: string, { conditions, checks, nested }: FieldRules): boolean {
  const value = (object as Record<string, unknown>)[name];
  for (const holds of conditions) if (!holds(object, value)) return true;
  for (const check of checks) if (!passes(check, object, name, value)) return false;
  return !nested || isNestedValid(value);
}

function passes({ validator, each, constraints }: Check, object: object, property: string, value: unknown): boolean {
  const given: ValidationArguments = { targetName: object.constructor.name, property, object, value, constraints };
  // What answers with a promise does not answer true.
  const holds = (one: unknown): boolean => validator.validate(one, given) === true;
  return each && Array.isArray(value) ? value.every(holds) : holds(value);
}

function isNestedValid(value: unknown): boolean {
  const isValid = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && !Array.isArray(one) && isSurelyValid(one);
  return Array.isArray(value) ? value.every(isValid) : isValid(value);
}

/** Names of the fields that the class has rules for; undefined where it has some that are not understood here. */
export const ruledFields = (target: new () => object): string[] | undefined => {
  const rules = rulesOf(target);
  return rules ? [...rules.keys()] : undefined;
};

function rulesOf(target: unknown): ClassRules | null {
  const found = known.get(target);
  if (found !== undefined || typeof target !== 'function') return found ?? null;
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target, '', false, false);
  const rules = metadata.length > 0 && metadata.every(isSimple) ? rulesFrom(metadata) : null;
  known.set(target, rules);
  return rules;
}

const simpleTypes = ['customValidation', 'conditionalValidation', 'nestedValidation', 'whitelistValidation'];

/** Neither groups nor conditions of its own, nor one that waits for something. */
function isSimple({ type, groups, always, validateIf, constraintCls }: ValidationMetadata): boolean {
  // Of a rule without options these are undefined, whatever the types say.
  const hasGroups = always !== undefined || ((groups as string[] | undefined) ?? []).length > 0;
  if (!simpleTypes.includes(type) || hasGroups || validateIf !== undefined) return false;
  return type !== 'customValidation' || constraintsOf(constraintCls).every(({ async }) => !async);
}

function rulesFrom(metadata: readonly ValidationMetadata[]): ClassRules {
  const rules = new Map<string, FieldRules>();
  for (const { type, propertyName, constraints, constraintCls, each } of metadata) {
    const field = rules.get(propertyName) ?? { conditions: [], checks: [], nested: false };
    rules.set(propertyName, field);
    if (type === 'conditionalValidation') field.conditions.push(constraints[0] as FieldRules['conditions'][number]);
    if (type === 'nestedValidation') field.nested = true;
    if (type === 'customValidation')
      for (const { instance } of constraintsOf(constraintCls))
        field.checks.push({ validator: instance, each, constraints });
  }
  return rules;
}

const constraintsOf = (target: ValidationMetadata['constraintCls']) =>
  getMetadataStorage().getTargetValidatorConstraints(target);
