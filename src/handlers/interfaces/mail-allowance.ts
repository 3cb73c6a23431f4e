import type { MailRefusal } from '../../quotas/domain/mail-quota.js';

export interface IMailAllowance {
  /**
   * Takes `count` mails of what the user may send, all of them or none.
   * @returns why not; undefined when they may go out
   */
  take(userId: string, count: number): Promise<MailRefusal | undefined>;
}
export const IMailAllowance = Symbol('IMailAllowance');
