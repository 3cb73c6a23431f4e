/** Schedules that can be previewed as they stand. */
export const previewExamples = {
  cron: {
    summary: 'Half past two, over a night in which the clocks change',
    value: { cron: ['30 2 * * *'], timezone: 'Europe/Berlin', from: '2030-03-29T12:00:00Z', count: 5 },
  },
  interval: {
    summary: 'Every 90 minutes',
    value: { every: 'PT90M', anchorAt: '2030-01-01T00:00:00Z', from: '2030-01-01T00:00:00Z', count: 5 },
  },
  pattern: {
    summary: 'Monthly, without one day',
    value: { recurrencePattern: 'monthly', scheduledAt: '2030-01-31T09:00', excludeDates: ['2030-02-28'] },
  },
};
