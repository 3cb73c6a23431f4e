import { isUtf8 } from 'node:buffer';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { DomainError } from '../../kernel/errors.js';
import { findJsonFault } from './json-rules.js';
import type { JsonLimits } from './json-rules.js';

const mediaType = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i;
const byteOrderMark = '\uFEFF';

/**
 * Reads a request body. No bytes are no body; a byte order mark is skipped; of two equal keys the last one counts.
 *
 * @throws 415 unless it is application/json in UTF-8; `MALFORMED_JSON` and the codes of {@link findJsonFault}, all 400
 */
export function readJsonBody(contentType: string | undefined, bytes: Buffer, limits: JsonLimits): unknown {
  if (bytes.length === 0) return undefined;
  if (!mediaType.test(contentType ?? '')) throw new UnsupportedMediaTypeException();
  if (!isUtf8(bytes)) throw malformed();
  const sent = bytes.toString();
  const text = sent.startsWith(byteOrderMark) ? sent.slice(1) : sent;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed();
  }
  const fault = findJsonFault(text, limits);
  if (!fault) return value;
  const { code, pointer, detail } = fault;
  throw new DomainError('invalid', code, `${pointer || 'The body'}: ${detail}`, { errors: [{ pointer, detail }] });
}

const malformed = (): DomainError =>
  new DomainError('invalid', 'MALFORMED_JSON', 'The body is not valid JSON in UTF-8.');
