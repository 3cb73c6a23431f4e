/**
 * Whether the job `j` lets its run `r` start. A paused or finished job only lets through what somebody asked for by hand, and a
 * disabled account's not even that: its jobs are paused, so whoever owns a pending one is asked of nobody.
 */
export const jobLetsStart = `(j.status = 'pending'
  OR r.trigger = 'manual' AND (SELECT u.is_active FROM users u WHERE u.id = j.user_id))`;
