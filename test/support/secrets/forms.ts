/** How a value may be written so that a reader of logs or tables would still have it. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value)).slice(3, -3),
    encodeURIComponent(value),
    new URLSearchParams({ '': value }).toString().slice(1),
    // The last digit may hold bits of what follows.
    base64.slice(0, -1),
    base64.slice(0, -1).replaceAll('+', '-').replaceAll('/', '_'),
    bytes.toString('hex'),
  ];
}
