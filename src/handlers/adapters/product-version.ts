import { readFileSync } from 'node:fs';

const packageFile = new URL('../../../package.json', import.meta.url);

/** The version of this program, as package.json says it. */
export const productVersion = (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
