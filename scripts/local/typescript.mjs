// node --import ./scripts/local/typescript.mjs program.ts: runs a TypeScript program of this repository as it is.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
