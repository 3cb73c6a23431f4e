import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { invalid } from '../../kernel/errors.js';

/** Reads a whole number from 1 to 999,999,999: `@Param('attemptNumber', NumberPipe) n: number`. Anything else is 400. */
@Injectable()
export class NumberPipe implements PipeTransform<string, number> {
  transform(value: string, metadata: ArgumentMetadata): number {
    if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
    const name = metadata.data ?? 'number';
    throw invalid([{ pointer: `/${name}`, detail: `${name} in the path must be a whole number from 1 on.` }]);
  }
}
