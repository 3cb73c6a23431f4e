import { invalid } from '../../kernel/errors.js';
import { commonPasswords } from './common-passwords.js';

const minCharacters = 8;
/** bcrypt ignores what comes after this many bytes, so that two different passwords could open one account. */
const maxBytes = 72;

/** What is wrong with the form of a password that somebody chooses, as the end of a sentence; undefined when nothing is. */
export function passwordFault(password: string): string | undefined {
  if (Array.from(password).length < minCharacters) return `must have at least ${minCharacters} characters`;
  if (Buffer.byteLength(password) > maxBytes) return `must have at most ${maxBytes} bytes in UTF-8`;
  if (password.includes('\0')) return 'must not contain a NUL character';
  return undefined;
}

const lookAlikes: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'l',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const fewCharacters = 2;

/**
 * Refuses what is tried first: a common password however it is decorated, one or two characters repeated, a row of the
 * digits, or the person's own e-mail.
 *
 * @param pointer of the field that holds it
 * @throws DomainError invalid `WEAK_PASSWORD`
 */
export function refuseWeak(password: string, email: string, pointer = '/password'): void {
  if (isCommon(password) || isOwn(password, email))
    throw invalid(
      [{ pointer, detail: 'This password is among the first that anybody would try; choose another.' }],
      'WEAK_PASSWORD',
    );
}

function isCommon(password: string): boolean {
  const lower = password.toLowerCase();
  const spelled = lower.replace(/[^a-z]+$/, '').replaceAll(/[013457@$!]/g, (sign) => lookAlikes[sign] ?? sign);
  const plain = lower.replaceAll(/[^a-z]/g, '');
  return (
    [lower, spelled, plain].some((text) => commonPasswords.has(text)) ||
    new Set(lower).size <= fewCharacters ||
    '01234567890123456789'.includes(lower) ||
    '98765432109876543210'.includes(lower)
  );
}

function isOwn(password: string, email: string): boolean {
  const lower = password.toLowerCase();
  return lower === email.toLowerCase() || lower === email.toLowerCase().split('@', 1)[0];
}
