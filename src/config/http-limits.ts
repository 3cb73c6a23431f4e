import type { EnvironmentReader } from './environment-reader.js';

/** The most of a request's head, in ms, of the time that all of it has. */
const longestHeadMs = 10_000;

/** How much a connection may send, and for how long. */
export function readHttpLimits(read: EnvironmentReader) {
  const requestTimeoutMs = read.integer('HTTP_REQUEST_TIMEOUT_MS', 25_000, { min: 500, max: 600_000 });
  const maxHeaderBytes = read.integer('HTTP_MAX_HEADER_BYTES', 16_384, { min: 4_096, max: 1_048_576 });
  const maxUrlLength = read.integer('HTTP_MAX_URL_LENGTH', 8_192, { min: 256, max: 65_536 });
  if (maxUrlLength >= maxHeaderBytes)
    read.refuse(
      `HTTP_MAX_URL_LENGTH is "${maxUrlLength}"; it must be below HTTP_MAX_HEADER_BYTES, ${maxHeaderBytes}, which counts the address, too.`,
    );
  return {
    /** Milliseconds within which a request, its body included, must have arrived; answered 408 after it. */
    requestTimeoutMs,
    /** Of these, milliseconds for its head. */
    headTimeoutMs: Math.min(longestHeadMs, requestTimeoutMs),
    /** Bytes of a request's line and headers together; answered 431 above it. */
    maxHeaderBytes,
    /** Header lines of a request; answered 431 above it. */
    maxHeaders: read.integer('HTTP_MAX_HEADERS', 100, { min: 20, max: 1_000 }),
    /** Characters of a request's address, its query included; answered 414 above it. */
    maxUrlLength,
    /** Connections that a process has open at the same time; further ones are closed without an answer. */
    maxConnections: read.integer('HTTP_MAX_CONNECTIONS', 10_000, { min: 10, max: 1_000_000 }),
  };
}
