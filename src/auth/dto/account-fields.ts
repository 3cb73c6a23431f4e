import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsEmail, IsString, Length, Matches, ValidateBy } from 'class-validator';
import type { ValidationArguments } from 'class-validator';
import { IsVisibleLine } from '../../http/decorators/visible-line.decorator.js';
import { passwordFault } from '../domain/password.js';

const Trimmed = () => Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));

export const IsEmailAddress = () =>
  applyDecorators(
    Trimmed(),
    IsEmail(),
    Matches(/^[^\s\p{Cc}]+$/u, { message: 'email must not contain spaces or control characters' }),
  );

const maxName = 100;
export const IsPersonName = () => applyDecorators(Trimmed(), IsString(), Length(1, maxName), IsVisibleLine());

/** A password that somebody chooses. */
export const IsNewPassword = () =>
  ValidateBy({
    name: 'isNewPassword',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && passwordFault(value) === undefined,
      defaultMessage: (args?: ValidationArguments) =>
        `$property ${typeof args?.value === 'string' ? passwordFault(args.value) : 'must be a string'}`,
    },
  });
