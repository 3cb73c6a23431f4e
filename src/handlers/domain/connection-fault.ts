interface Fault {
  message?: unknown;
  code?: unknown;
  syscall?: unknown;
  address?: unknown;
  errors?: unknown;
}

const systemCode = /\bE[A-Z][A-Z0-9_]+\b/;

/**
 * What a failed connection is told as, such as `connect ECONNREFUSED`: never to which address, which would map the operator's network for
 * whoever submits jobs. Undefined for what is no failure of a connection: that may be told as it is.
 */
export function connectionFault(error: unknown): string | undefined {
  const { message, code, syscall, address, errors } = (error ?? {}) as Fault;
  const hasAddress = address !== undefined || (Array.isArray(errors) && errors.some(connectionFault));
  if (!hasAddress && typeof syscall !== 'string') return undefined;
  const what = typeof syscall === 'string' ? syscall : 'connect';
  // Some libraries put a code of their own in place of the system's, and leave that in the message.
  const [why = String(code)] = systemCode.exec(String(message)) ?? [];
  return `${what} ${why}`;
}
