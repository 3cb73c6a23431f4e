import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Max, Min } from 'class-validator';
import { RawJson } from '../../http/decorators/raw-json.decorator.js';
import type { JsonValue } from '../../kernel/json.js';

const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;
const maxTimeoutMs = 86_400_000;
const maxStatuses = 50;

export class HttpPayload {
  @IsString()
  url!: string;

  /** `POST` when there is a body, else `GET`. */
  @IsOptional()
  @IsIn(httpMethods)
  method?: (typeof httpMethods)[number];

  @IsOptional()
  @IsObject()
  @RawJson()
  headers?: Record<string, string>;

  /** Text is sent as it is, any other JSON value as JSON; null is no body. */
  @IsOptional()
  @RawJson()
  body?: JsonValue;

  /** Time limit of one exchange in ms, from connecting to the end of the answer's body. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(maxTimeoutMs)
  timeoutMs?: number;

  /** Statuses that count as success; any 2xx when there are none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(maxStatuses)
  @IsInt({ each: true })
  @Min(200, { each: true })
  @Max(599, { each: true })
  expectStatus?: number[];
}
