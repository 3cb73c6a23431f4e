import { describe, expect, it } from '@jest/globals';
import { connectionFault } from './connection-fault.js';

const fault = (message: string, more: object) => Object.assign(new Error(message), more);
const refused = (address: string) =>
  fault(`connect ECONNREFUSED ${address}:80`, { code: 'ECONNREFUSED', syscall: 'connect', address, port: 80 });

describe('connectionFault', () => {
  it.each<[string, unknown, string | undefined]>([
    ['a refused connection', refused('10.1.2.3'), 'connect ECONNREFUSED'],
    [
      'an unreachable host',
      fault('connect EHOSTUNREACH fd12::7:80 - Local (fd12::1:0)', { code: 'EHOSTUNREACH', syscall: 'connect' }),
      'connect EHOSTUNREACH',
    ],
    [
      'several addresses',
      Object.assign(new AggregateError([refused('10.1.2.3'), refused('fd12::7')], ''), { code: 'ECONNREFUSED' }),
      'connect ECONNREFUSED',
    ],
    [
      'an address that does not answer',
      fault('connect ETIMEDOUT 10.1.2.3:80', { code: 'ETIMEDOUT', syscall: 'connect', address: '10.1.2.3' }),
      'connect ETIMEDOUT',
    ],
    [
      'a mail server that is not there',
      fault('connect ECONNREFUSED 10.1.2.3:25', { code: 'ESOCKET', syscall: 'connect', address: '10.1.2.3' }),
      'connect ECONNREFUSED',
    ],
    [
      'a name that is none',
      fault('getaddrinfo ENOTFOUND mail.internal', { code: 'EDNS', syscall: 'getaddrinfo' }),
      'getaddrinfo ENOTFOUND',
    ],
    ['another fault', fault('550 no such mailbox', { code: 'EENVELOPE' }), undefined],
    ['nothing', null, undefined],
  ])('of %s', (_, error, told) => {
    expect(connectionFault(error)).toBe(told);
  });
});
