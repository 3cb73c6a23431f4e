import { applyDecorators } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';
import { PageMetaDto } from '../dto/page-meta.dto.js';

/** Documents an answer of `{ data: Element[], meta }`. */
export const ApiPage = (element: Type) =>
  applyDecorators(
    ApiExtraModels(element, PageMetaDto),
    ApiOkResponse({
      description: 'One page of the list.',
      schema: {
        type: 'object',
        required: ['data', 'meta'],
        properties: {
          data: { type: 'array', items: { $ref: getSchemaPath(element) } },
          meta: { $ref: getSchemaPath(PageMetaDto) },
        },
      },
    }),
  );
