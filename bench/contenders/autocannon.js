import autocannon from 'autocannon';
import { answerCalls } from '../support/child.js';

// The generator where wrk is not at hand.
answerCalls({
  async load({ port, requests, connections, seconds }) {
    const result = await autocannon({
      url: `http://127.0.0.1:${port}`,
      connections,
      duration: seconds,
      requests,
    });
    return {
      answers: result.requests.total,
      microseconds: result.duration * 1e6,
      refused: result.non2xx,
      failed: result.errors + result.timeouts,
    };
  },
});
