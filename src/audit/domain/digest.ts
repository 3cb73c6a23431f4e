import { createHash } from 'node:crypto';
import { canonical } from '../../kernel/canonical.js';

const secretive = /passw|secret|token|authori[sz]ation|cookie|api-?_?key|credential|signature|digest|salt|^key$/i;

/**
 * SHA-256, hexadecimal, of the value's canonical JSON. The values of members whose name says that they are secret are
 * left out, for a short one could be found by trying.
 */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(canonical(value, (key) => secretive.test(key)))
    .digest('hex');
