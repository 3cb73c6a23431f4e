const now = {
  summary: 'Write to the job’s log, now',
  value: { name: 'Say hello', type: 'one_time', payload: { hello: 'world' } },
};

const http = {
  summary: 'Call a URL at a time',
  value: {
    name: 'Ping myself',
    type: 'one_time',
    handler: 'http',
    payload: { url: 'http://127.0.0.1:3000/health/live', method: 'GET', expectStatus: [200] },
    scheduledAt: '2030-01-31T09:00:00Z',
    maxRetries: 5,
  },
};

const email = {
  summary: 'Send an e-mail',
  value: {
    name: 'Greet Ada',
    type: 'one_time',
    handler: 'email',
    payload: { to: 'ada@example.com', subject: 'Hello', text: 'Good morning!' },
  },
};

const daily = {
  summary: 'Every day, by the calendar',
  value: { name: 'Daily report', type: 'recurring', recurrencePattern: 'daily', scheduledAt: '2030-01-31T09:00:00Z' },
};

const cron = {
  summary: 'Weekdays at nine in Berlin, whatever the clocks do',
  value: {
    name: 'Weekday report',
    type: 'recurring',
    cron: ['0 9 * * MON-FRI'],
    timezone: 'Europe/Berlin',
    overlapPolicy: 'skip',
    catchup: { mode: 'latest' },
  },
};

const interval = {
  summary: 'Every quarter of an hour',
  value: { name: 'Poll', type: 'recurring', every: 'PT15M', jitterMs: 30000, pauseAfterFailures: 5 },
};

/** Bodies that work as they stand. */
export const submissionExamples = { now, http, email, daily, cron, interval };

export const bulkExamples = { two: { summary: 'Two at once', value: { jobs: [now.value, daily.value] } } };

export const changeExamples = {
  name: { summary: 'Another name', value: { name: 'Ask for orders' } },
  retries: { summary: 'Fewer retries', value: { maxRetries: 1, retryDelayMs: 5000 } },
  schedule: { summary: 'Other times', value: { cron: ['30 8 * * *'], timezone: 'Europe/Berlin' } },
};
