import { jest } from '@jest/globals';

/** Real servers answer in their own time, on a busy machine too; a test that hangs still ends. Milliseconds. */
jest.setTimeout(120_000);
