import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Scope } from '../../kernel/principal.js';

/**
 * Who may use a route: any login, and API keys that have `scope`. Without a scope no key may, whatever it was given.
 * With `role` only users who have it.
 */
export interface AccessRule {
  scope?: Scope;
  role?: 'admin';
}

export const accessRule = 'punctual:access';

/** Extension that tells an operation's {@link AccessRule} in the OpenAPI document. */
export const accessExtension = 'x-access';

/** Declares who may use a route, or all routes of a controller. A route with neither this nor `@Public()` stops the boot. */
export const Access = (rule: AccessRule) =>
  applyDecorators(SetMetadata(accessRule, rule), ApiExtension(accessExtension, rule));

/** For the account itself: only the person who logged in, no API key. */
export const accountOnly: AccessRule = {};
