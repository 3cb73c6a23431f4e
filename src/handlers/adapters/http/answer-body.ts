import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { Unpacking } from './unpacking.js';

interface BodyText {
  text: string;
  /** Whether the body went on after the limit. */
  truncated: boolean;
  /** Why it could not be read to its end, in one sentence; undefined when it could, up to the limit. */
  problem: string | undefined;
}

/**
 * Reads at most `limitBytes` of an answer's body, counted after decompression, and destroys it when it goes on: neither an
 * endless body nor one that unpacks to gigabytes costs more than the limit. What cannot be unpacked is no error: the text
 * up to there is kept.
 */
export async function readBody(
  body: Readable,
  { codings, contentType }: { codings: readonly string[]; contentType: string | undefined },
  limitBytes: number,
): Promise<BodyText> {
  const unpacking = new Unpacking(codings);
  let chunks: Buffer[] = [];
  let length = 0;
  let truncated = false;
  let problem = unpacking.refusal;
  try {
    for await (const chunk of unpacking.of(body)) {
      const missing = limitBytes - length;
      truncated = chunk.length > missing;
      chunks.push(chunk.subarray(0, missing));
      length += chunk.length;
      // Leaving the loop destroys the stream, and with it the connection.
      if (truncated) break;
    }
  } catch (error) {
    problem = `The body could not be unpacked: ${error instanceof Error ? error.message : 'it is broken'}.`;
    const found = unpacking.beforeFault(limitBytes);
    if (found.length > length) chunks = [found];
  }
  body.destroy();
  const isCut = truncated || problem !== undefined;
  return { text: textDecoder(contentType).decode(Buffer.concat(chunks), { stream: isCut }), truncated, problem };
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
