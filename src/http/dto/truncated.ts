/** Documents the field of an entry that names what is cut. */
export const truncated = {
  type: 'array',
  items: { type: 'string' },
  example: [] as string[],
  description:
    'Names of fields that are too large for a list: a payload, result or schedule of more than 4 KiB is null there, a long text ends in "… [cut]". Empty where nothing is cut.',
} as const;
