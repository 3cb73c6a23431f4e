import { Transform } from 'class-transformer';
import type { TransformFnParams } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsOptional,
  IsString,
  MaxLength,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { isMailbox, isSingleLine } from '../domain/mail-address.js';

const maxRecipients = 50;
const maxSubjectLength = 998;
const maxTextLength = 500_000;

const asList = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? [value] : (value as unknown));

/** What is wrong with something that is not exactly one address. */
function faultOf(value: unknown): string {
  if (typeof value === 'string' && value.split('@').length > 2 && /[,;]/.test(value))
    return 'holds several addresses in one text; use a list: ["ada@example.com", "bob@example.com"]';
  if (typeof value === 'string' && /[()]/.test(value))
    return `has round brackets, which mail takes for a comment; put the name in quotation marks: '"Support (Billing)" <s@example.com>'`;
  return 'is not exactly one address, such as ada@example.com or "Ada <ada@example.com>"';
}

/** Up to 50 recipients: one as a string, or several as a list, each exactly one address. */
function IsRecipients(): PropertyDecorator {
  const isMailboxes = ValidateBy({
    name: 'isMailboxes',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.every(isMailbox),
      defaultMessage: (args) => {
        const { property = '' } = args ?? {};
        const values: unknown[] = Array.isArray(args?.value) ? args.value : [];
        const at = values.findIndex((value) => !isMailbox(value));
        if (at < 0) return `${property} must be an address, or a list of addresses`;
        return `Recipient ${at + 1} of ${property} ${faultOf(values[at])}`;
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
  /** May be absent where `cc` or `bcc` is there. */
  @ValidateIf(({ to, cc, bcc }: EmailPayload) => to !== undefined || (cc === undefined && bcc === undefined))
  @IsRecipients()
  to?: string[];

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
