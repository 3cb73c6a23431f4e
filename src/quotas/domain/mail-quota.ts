/** Mails counted in one clock hour (UTC). */
export interface MailHour {
  /** Its first instant. */
  hour: Date;
  sent: number;
}

export interface MailUse {
  thisHour: number;
  /** In the present hour and the 23 before it. */
  today: number;
}

export interface MailLimits {
  mailsPerHour: number;
  mailsPerDay: number;
}

/** Why mails may not go out now. */
export interface MailRefusal {
  quota: keyof MailLimits;
  allowed: number;
  used: number;
  /** Until so many may go out, in ms; null when they never may: they are more than the quota. */
  retryAfterMs: number | null;
}

const hourMs = 3_600_000;
const hoursOfDay = 24;

/** The clock hour that an instant lies in. */
export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / hourMs) * hourMs);

const recent = (hours: readonly MailHour[], now: Date): MailHour[] => {
  const oldest = hourOf(now).getTime() - (hoursOfDay - 1) * hourMs;
  return hours.filter(({ hour }) => hour.getTime() >= oldest && hour <= now);
};

const sum = (hours: readonly MailHour[]): number => hours.reduce((total, { sent }) => total + sent, 0);

export function mailUse(hours: readonly MailHour[], now: Date): MailUse {
  const present = hourOf(now).getTime();
  return { thisHour: sum(hours.filter(({ hour }) => hour.getTime() === present)), today: sum(recent(hours, now)) };
}

/**
 * Whether `count` more mails may go out. Of two quotas that refuse, the one that refuses for longer is named.
 *
 * @param hours what has been counted, each hour at most once
 * @returns undefined when they may
 */
export function mailRefusal(
  hours: readonly MailHour[],
  now: Date,
  count: number,
  { mailsPerHour, mailsPerDay }: MailLimits,
): MailRefusal | undefined {
  const { thisHour, today } = mailUse(hours, now);
  if (mailsPerDay > 0 && today + count > mailsPerDay)
    return {
      quota: 'mailsPerDay',
      allowed: mailsPerDay,
      used: today,
      retryAfterMs: untilRoomInDay(recent(hours, now), now, mailsPerDay - count),
    };
  if (mailsPerHour > 0 && thisHour + count > mailsPerHour)
    return {
      quota: 'mailsPerHour',
      allowed: mailsPerHour,
      used: thisHour,
      retryAfterMs: count > mailsPerHour ? null : hourOf(now).getTime() + hourMs - now.getTime(),
    };
  return undefined;
}

/** Until so many of the oldest hours have left the day that at most `most` are left. */
function untilRoomInDay(hours: readonly MailHour[], now: Date, most: number): number | null {
  if (most < 0) return null;
  let left = sum(hours);
  for (const { hour, sent } of [...hours].sort((a, b) => a.hour.getTime() - b.hour.getTime())) {
    left -= sent;
    if (left <= most) return hour.getTime() + hoursOfDay * hourMs - now.getTime();
  }
  return 0;
}
