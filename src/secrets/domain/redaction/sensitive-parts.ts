/** Shorter parts say little, and stand in much other text. */
const shortestPart = 8;

/**
 * Parts of a value that say as much as the whole, and that a target may repeat alone: without the white space around it, the
 * credential of `Bearer …`, what is inside of `Basic …`, path and query of a URL.
 */
export function sensitiveParts(value: string): string[] {
  const trimmed = value.trim();
  const [, scheme = '', credential = ''] = /^([A-Za-z][\w-]*)\s+(\S+)$/.exec(trimmed) ?? [];
  const parts = [
    trimmed,
    credential,
    ...(scheme.toLowerCase() === 'basic' ? insideOf(credential) : []),
    pathOf(trimmed),
  ];
  return parts.filter((part) => part.length >= shortestPart && part !== value);
}

function insideOf(credential: string): string[] {
  const text = Buffer.from(credential, 'base64').toString();
  return [text, text.slice(text.indexOf(':') + 1)];
}

function pathOf(text: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text)) return '';
  const { pathname, search } = new URL(text);
  return pathname + search;
}
