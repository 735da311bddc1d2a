/** How many polls park at once: few enough for every run, or as many as TEST_POLLS says. */
export const MANY_POLLS = Number(process.env['TEST_POLLS'] ?? 300);
