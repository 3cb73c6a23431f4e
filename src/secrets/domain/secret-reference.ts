import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { escapePointer } from '../../kernel/json-pointer.js';
import { namePattern, nameRule } from './secret.js';

/** The member that makes an object a reference: `{ "$secret": "name" }`. */
const mark = '$secret';
/** Different secrets that one payload may refer to. The redactor searches all output of an attempt for each of them. */
const maxNames = 10;

/** A position in a payload where the value of a secret is inserted before an attempt. */
export interface SecretReference {
  /** JSON pointer relative to the payload. */
  pointer: string;
  name: string;
}

/** Whether the payload contains a reference, well-formed or not. */
export function hasReferences(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasReferences);
  if (Object.hasOwn(value, mark)) return true;
  for (const key in value) if (hasReferences(value[key] as JsonValue)) return true;
  return false;
}

/** The well-formed references in a payload, and a problem for each malformed one. */
export function readReferences(payload: JsonObject): { references: SecretReference[]; problems: FieldProblem[] } {
  const references: SecretReference[] = [];
  const problems: FieldProblem[] = [];
  const visit = (value: JsonValue, pointer: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) value.forEach((inner, index) => visit(inner, `${pointer}/${index}`));
    else if (Object.hasOwn(value, mark)) {
      const fault = faultOf(value, pointer);
      if (fault === undefined) references.push({ pointer, name: value[mark] as string });
      else problems.push({ pointer: `${pointer}/${mark}`, detail: fault });
    } else for (const [key, inner] of Object.entries(value)) visit(inner, `${pointer}/${escapePointer(key)}`);
  };
  visit(payload, '');
  if (namesOf(references).length > maxNames)
    problems.push({ pointer: '', detail: `A payload refers to at most ${maxNames} different secrets.` });
  return { references, problems };
}

/** A copy of the payload with each reference replaced by its value. The given payload, which is stored and shown, stays unchanged. */
export function replaceReferences(payload: JsonObject, valueOf: (name: string) => string): JsonObject {
  const copy = (value: JsonValue): JsonValue => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(copy);
    if (Object.hasOwn(value, mark)) return valueOf(value[mark] as string);
    // `Object.fromEntries` defines own properties, so a key such as "__proto__" changes no prototype.
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
  };
  return copy(payload) as JsonObject;
}

/** The referenced names, each once. */
export const namesOf = (references: readonly SecretReference[]): string[] => [
  ...new Set(references.map(({ name }) => name)),
];

function faultOf(value: JsonObject, pointer: string): string | undefined {
  const name = value[mark];
  if (pointer === '') return 'A secret stands for a text inside the payload, not for the payload itself.';
  if (Object.keys(value).length > 1) return `A reference is { "${mark}": "name" }, without other members.`;
  if (typeof name === 'string' && namePattern.test(name)) return undefined;
  return `${mark} must be the name of a secret: ${nameRule}.`;
}
