import { hash } from 'node:crypto';
import { canonical } from '../../kernel/canonical.js';

const secretive = /passw|secret|token|authori[sz]ation|cookie|api-?_?key|credential|signature|digest|salt|^key$/i;

/** Of names that have been looked at: most are those of fields. Bounded, for payloads bring their own. */
const looked = new Map<string, boolean>();
const mostLooked = 1_000;

function isSecretive(name: string): boolean {
  const known = looked.get(name);
  if (known !== undefined) return known;
  const found = secretive.test(name);
  if (looked.size < mostLooked) looked.set(name, found);
  return found;
}

/**
 * SHA-256, hexadecimal, of the value's canonical JSON. The values of members whose name says that they are secret are
 * left out, for a short one could be found by trying.
 */
export const digestOf = (value: unknown): string => hash('sha256', canonical(value, isSecretive));
