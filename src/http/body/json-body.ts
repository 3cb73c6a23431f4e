import { UnsupportedMediaTypeException } from '@nestjs/common';
import { DomainError } from '../../kernel/errors.js';
import { findJsonFault } from './json-rules.js';
import type { JsonLimits } from './json-rules.js';

const mediaType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request body. No bytes are no body; a byte order mark is skipped; of two equal keys the last one counts.
 *
 * @throws 415 unless it is application/json in UTF-8; `MALFORMED_JSON` and the codes of {@link findJsonFault}, all 400
 */
export function readJsonBody(contentType: string | undefined, bytes: Uint8Array, limits: JsonLimits): unknown {
  if (bytes.length === 0) return undefined;
  if (!mediaType.test(contentType ?? '')) throw new UnsupportedMediaTypeException();
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new DomainError('invalid', 'MALFORMED_JSON', 'The body is not valid JSON in UTF-8.');
  }
  const fault = findJsonFault(text, limits);
  if (!fault) return value;
  const { code, pointer, detail } = fault;
  throw new DomainError('invalid', code, `${pointer || 'The body'}: ${detail}`, { errors: [{ pointer, detail }] });
}
