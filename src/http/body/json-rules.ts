import type { FieldProblem } from '../../kernel/errors.js';
import { escapePointer } from '../../kernel/json-pointer.js';

export interface JsonLimits {
  /** Objects and arrays inside each other, the outermost included. */
  maxDepth: number;
  /** Keys in any one field of a body; of a list, in each of its elements, so that many jobs may come at once. */
  maxKeys: number;
}

export interface JsonFault extends FieldProblem {
  code: 'TOO_MANY_KEYS' | 'INVALID_CHARACTER' | 'FORBIDDEN_KEY' | 'PAYLOAD_TOO_DEEP' | 'INEXACT_NUMBER';
}

interface Level {
  /** Last key read; null in an array. */
  key: string | null;
  index: number;
}

const numberEnd = /[^-+.eE0-9]/g;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Finds the first thing in a JSON text that could not be kept as it was sent: PostgreSQL refuses NUL and lone surrogates,
 * a double changes large integers, `__proto__` changes objects it is copied into, and deep nesting overflows stacks.
 *
 * @param text valid JSON; it is read once, without recursion
 */
export function findJsonFault(text: string, { maxDepth, maxKeys }: JsonLimits): JsonFault | undefined {
  const levels: Level[] = [];
  let keyComes = false;
  /** Of the body itself, and of its present field or element. */
  let [ownKeys, innerKeys] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const level = levels.at(-1);
    switch (text[at]) {
      case '{':
      case '[':
        if (levels.length === maxDepth)
          return fault('PAYLOAD_TOO_DEEP', levels, `it nests deeper than ${maxDepth} objects and arrays.`);
        keyComes = text[at] === '{';
        levels.push({ key: keyComes ? '' : null, index: 0 });
        break;
      case '}':
      case ']':
        levels.pop();
        keyComes = false;
        break;
      case ',':
        if (level) level.index += 1;
        if (levels.length === 1 || (levels.length === 2 && level?.key === null)) innerKeys = 0;
        keyComes = level !== undefined && level.key !== null;
        break;
      case '"': {
        const end = stringEnd(text, at);
        const literal = text.slice(at, end + 1);
        const value = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
        if (keyComes && level) level.key = value;
        if (keyComes && (levels.length === 1 ? (ownKeys += 1) : (innerKeys += 1)) > maxKeys)
          return fault(
            'TOO_MANY_KEYS',
            levels.slice(0, levels.length > 1 ? 1 : 0),
            `it holds more than ${maxKeys} keys.`,
          );
        if (keyComes && value === '__proto__')
          return fault('FORBIDDEN_KEY', levels, 'the key "__proto__" is not allowed.');
        if (value.includes('\0') || loneSurrogate.test(value))
          return fault(
            'INVALID_CHARACTER',
            levels,
            'it holds a NUL character or half of a surrogate pair, which cannot be stored.',
          );
        keyComes = false;
        at = end;
        break;
      }
      default:
        if (isNumberStart(text.charCodeAt(at))) {
          numberEnd.lastIndex = at;
          const end = numberEnd.exec(text)?.index ?? text.length;
          const literal = text.slice(at, end);
          if (!survives(literal))
            return fault(
              'INEXACT_NUMBER',
              levels,
              `the number ${shorten(literal)} would be changed; send it as a string.`,
            );
          at = end - 1;
        }
    }
  }
  return undefined;
}

/**
 * Whether a number comes back from a double as it was sent, in whatever notation; the rounding of fractions to a double's
 * precision is accepted, that of whole numbers is not.
 */
function survives(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  if (value === 0) return !/^[^eE]*[1-9]/.test(literal);
  // What is rounded below this is a fraction: 2^53 is the first whole number with a neighbour that no double is.
  if (Math.abs(value) < 2 ** 53) return true;
  const sent = decimalOf(literal);
  if (sent.exponent < 0) return true;
  const kept = decimalOf(String(value));
  return sent.digits === kept.digits && sent.exponent === kept.exponent;
}

/** A number as its digits, without zeros at either end, times ten to the exponent. Its sign is left out. @param literal not zero */
function decimalOf(literal: string): { digits: string; exponent: number } {
  const [mantissa = '', power = '0'] = literal.toLowerCase().replace(/^-/, '').split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  let end = all.length;
  while (all[end - 1] === '0') end -= 1;
  return { digits: all.slice(0, end).replace(/^0+/, ''), exponent: Number(power) - fraction.length + all.length - end };
}

function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

const isNumberStart = (code: number): boolean => code === 45 || (code >= 48 && code <= 57);

const shorten = (literal: string): string => (literal.length > 40 ? `${literal.slice(0, 40)}…` : literal);

function fault(code: JsonFault['code'], levels: readonly Level[], detail: string): JsonFault {
  const path = levels.map(({ key, index }) => `/${escapePointer(key ?? String(index))}`);
  return { code, pointer: path.join(''), detail };
}
