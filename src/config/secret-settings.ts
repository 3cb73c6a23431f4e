import type { EnvironmentReader } from './environment-reader.js';

const keyBytes = 32;
const highestVersion = 2_147_483_647;
const fewestDistinctBytes = 8;
const advice =
  'It is versions and keys such as "2:<base64>,1:<base64>", the current one first; make a key with: node -p "crypto.randomBytes(32).toString(\'base64\')"';

/** A key that stored secrets are sealed under. */
export interface SecretKey {
  version: number;
  /** 32 bytes in base64. Text, because bytes cannot be frozen. */
  key: string;
}

/** @param production refuses keys that nobody has drawn at random */
export const readSecrets = (read: EnvironmentReader, production: boolean) => ({
  /** The first seals stored secrets, each opens what it has sealed; none: this system keeps no secrets. */
  keys: keysOf(read, read.optionalText('SECRETS_KEYS'), production),
  /** Stored secrets that one user may have. */
  perUser: read.integer('SECRETS_PER_USER', 100, { min: 1, max: 10_000 }),
});

/** Faults are told without the keys. */
function keysOf(read: EnvironmentReader, text: string | undefined, production: boolean): readonly SecretKey[] {
  if (text === undefined) return [];
  const keys = text.split(',').map((part, index) => {
    const [, digits = '', key = ''] = /^\s*(\d{1,10}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(part) ?? [];
    const [version, bytes] = [Number(digits), Buffer.from(key, 'base64')];
    const which = `SECRETS_KEYS is wrong at entry ${index + 1}`;
    if (bytes.length !== keyBytes || version < 1 || version > highestVersion)
      read.refuse(`${which}: it must be a whole number from 1, a colon and ${keyBytes} bytes in base64. ${advice}`);
    else if (production && new Set(bytes).size < fewestDistinctBytes)
      read.refuse(`${which}: its key looks like a placeholder. ${advice}`);
    return { version, key };
  });
  if (new Set(keys.map(({ version }) => version)).size < keys.length)
    read.refuse(`SECRETS_KEYS names a version twice. ${advice}`);
  return keys;
}
