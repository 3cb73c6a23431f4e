/** Shorter parts reveal little, and occur by chance in other text. */
const minPartLength = 8;

/**
 * Parts of a value that reveal as much as the whole value, and that a target may repeat alone: the value without surrounding white
 * space, the credential of `Bearer …`, the decoded credential and password of `Basic …`, the path and query of a URL.
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
  return parts.filter((part) => part.length >= minPartLength && part !== value);
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
