import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads at most `limitBytes` of an answer's body, counted after decompression, and drops the connection when it goes on:
 * neither an endless body nor one that unpacks to gigabytes costs more than the limit.
 */
export async function readBody(
  body: Readable,
  headers: Readonly<Record<string, string>>,
  limitBytes: number,
): Promise<{ text: string; truncated: boolean }> {
  const decoder = decoders[headers['content-encoding']?.trim().toLowerCase() ?? '']?.();
  const source = decoder ? pipeline(body, decoder, () => undefined) : body;
  const chunks: Buffer[] = [];
  let missing = limitBytes;
  let truncated = false;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    truncated = chunk.length > missing;
    chunks.push(chunk.subarray(0, missing));
    missing -= Math.min(missing, chunk.length);
    // Leaving the loop destroys the stream, and with it the connection.
    if (truncated) break;
  }
  return { text: textDecoder(headers['content-type']).decode(Buffer.concat(chunks), { stream: truncated }), truncated };
}

/** In the charset that the answer names, UTF-8 where it names none or an unknown one. */
function textDecoder(contentType = ''): TextDecoder {
  const charset = /;\s*charset="?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}
