import { isEmail } from 'class-validator';

const maxLength = 320;

/** Line breaks of every kind, and encoded words (RFC 2047), which could hide one from a check. */
const unsafe = /[\p{Cc}\u2028\u2029]|=\?[^?]*\?[bq]\?/iu;

/** Whether text may stand in a header of a message: one line, meaning what it shows. */
export const isSingleLine = (text: string): boolean => !unsafe.test(text);

/**
 * An address, or a name and an address in angle brackets. Narrower than RFC 5322: no backslashes and no quoted local parts,
 * which parsers read differently, and round brackets only within quotation marks, since elsewhere they are a comment that is dropped.
 */
const oneMailbox = /^(?:[^\s<>,;:"\\()]+|(?:"[^"\\<>]*"|[^"<>,;:\\()]*)\s*<[^\s<>,;:"\\()]+>)$/u;

/** Whether `value` is exactly one address, with or without a display name. */
export const isMailbox = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length <= maxLength &&
  isSingleLine(value) &&
  oneMailbox.test(value.trim()) &&
  isEmail(value, { allow_display_name: true, require_tld: false, allow_utf8_local_part: false });

/** Text made fit for a header: control characters become spaces, and what is too long is cut. */
export function singleLine(text: string, maxCharacters: number): string {
  const line = text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll('=?', '= ?')
    .trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1).toWellFormed()}…`;
}
