import { SetMetadata } from '@nestjs/common';

/**
 * Routes that tell whether an e-mail address has an account, because each has one at most: they are limited by the caller's network address.
 * `email` is one that does so when its body names an `email`. Routes that prove who asks are limited where passwords are compared.
 */
export type IdentityRoute = 'registration' | 'email';

export const limitedRoute = 'punctual:limited';

/** Limits a route by address, before anything is hashed. Document its 429. */
export const Limited = (kind: IdentityRoute) => SetMetadata(limitedRoute, kind);
