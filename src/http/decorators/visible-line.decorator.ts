import { ValidateBy } from 'class-validator';

const lineBreaksAndControls = /[\p{Cc}\u2028\u2029]/u;
/** Something to be seen: neither a space nor what takes no place, such as U+200B, nor the blank of Braille. */
const visible = /[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Text for a list or a heading: one line without control characters, of which something can be seen. Says nothing of what is empty or no text. */
export const IsVisibleLine = (): PropertyDecorator =>
  ValidateBy({
    name: 'isVisibleLine',
    validator: {
      validate: (value: unknown) =>
        typeof value !== 'string' || value === '' || (!lineBreaksAndControls.test(value) && visible.test(value)),
      defaultMessage: () =>
        '$property must be one line without control characters, and hold a character that can be seen',
    },
  });
