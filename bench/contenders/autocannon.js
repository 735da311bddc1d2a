import autocannon from 'autocannon';
import { answerCalls } from '../support/child.js';

// The generator where wrk is not at hand.
answerCalls({
  async load({ port, requests, connections, seconds }) {
    const each = Math.ceil(requests.length / connections);
    let next = 0;
    const result = await autocannon({
      url: `http://127.0.0.1:${port}`,
      connections,
      duration: seconds,
      // It writes out all requests of each connection before it begins: given all of them, that takes it seconds.
      setupClient(client) {
        client.setRequests(requests.slice(next, next + each));
        next += each;
      },
    });
    return {
      answers: result.requests.total,
      microseconds: result.duration * 1e6,
      refused: result.non2xx,
      failed: result.errors + result.timeouts,
    };
  },
});
