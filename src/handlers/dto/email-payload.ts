import { Transform } from 'class-transformer';
import type { TransformFnParams } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, MaxLength, ValidateBy } from 'class-validator';
import { isMailbox, isSingleLine } from '../domain/mail-address.js';

const maxRecipients = 50;
const maxSubjectLength = 998;
const maxTextLength = 500_000;

const asList = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? [value] : (value as unknown));

/** Up to 50 recipients: one as a string, or several as a list, each exactly one address. */
function IsRecipients(): PropertyDecorator {
  const isMailboxes = ValidateBy({
    name: 'isMailboxes',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isMailbox),
      defaultMessage: (args) => {
        const values: unknown[] = Array.isArray(args?.value) ? args.value : [];
        const bad = values.findIndex((value) => !isMailbox(value));
        return `Recipient ${bad + 1} of ${args?.property} is not exactly one address, such as ada@example.com or "Ada <ada@example.com>"`;
      },
    },
  });
  const rules = [isMailboxes, ArrayMaxSize(maxRecipients), ArrayMinSize(1), IsArray(), Transform(asList)];
  return (target, key) => rules.forEach((rule) => rule(target, key));
}

const IsSingleLine = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSingleLine',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isSingleLine(value),
      defaultMessage: () => 'subject must be one line of plain text, without control characters or encoded words',
    },
  });

export class EmailPayload {
  @IsRecipients()
  to!: string[];

  @IsOptional()
  @IsRecipients()
  cc?: string[];

  @IsOptional()
  @IsRecipients()
  bcc?: string[];

  @IsSingleLine()
  @MaxLength(maxSubjectLength)
  subject!: string;

  @IsOptional()
  @IsString()
  @MaxLength(maxTextLength)
  text?: string;

  @IsOptional()
  @IsString()
  @MaxLength(maxTextLength)
  html?: string;
}
