import { Injectable } from '@nestjs/common';
import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { invalid } from '../../kernel/errors.js';
import { isId } from '../../kernel/ids.js';

/** Lets UUIDs through, in lower case: `@Param('id', IdPipe) id: string`. Anything else is 400. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string, metadata: ArgumentMetadata): string {
    if (isId(value)) return value.toLowerCase();
    const name = metadata.data ?? 'id';
    throw invalid([{ pointer: `/${name}`, detail: `${name} in the path must be a UUID.` }]);
  }
}
