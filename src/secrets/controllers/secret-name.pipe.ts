import { Injectable } from '@nestjs/common';
import type { PipeTransform } from '@nestjs/common';
import { invalid } from '../../kernel/errors.js';
import { namePattern, nameRule } from '../domain/secret.js';

/** Accepts only names of secrets; anything else is answered with 400. Use: `@Param('name', SecretNamePipe) name: string`. */
@Injectable()
export class SecretNamePipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (namePattern.test(value)) return value;
    throw invalid([{ pointer: '/name', detail: `name in the path must be the name of a secret: ${nameRule}.` }]);
  }
}
