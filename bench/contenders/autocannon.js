import autocannon from 'autocannon';
import { answerCalls } from '../support/child.js';
import { scattered } from '../support/generator.js';

// The generator where wrk is not at hand.
answerCalls({
  async load({ port, requests, connections, seconds, after = 0 }) {
    let number = after;
    const setupRequest = (
      /** @type {import('../support/generator.js').Request} */ { body = '', path, ...rest },
    ) => {
      number++;
      const fill = (/** @type {string} */ text) =>
        text.replaceAll('{number}', scattered(number)).replaceAll('{parent}', scattered(number % 10_000));
      return { ...rest, path: fill(path), body: fill(body), headers: { 'content-type': 'application/json' } };
    };
    const all = after === 0 ? requests : requests.map((request) => ({ ...request, setupRequest }));
    const each = Math.ceil(all.length / connections);
    let client = 0;
    const result = await autocannon({
      url: `http://127.0.0.1:${port}`,
      connections,
      duration: seconds,
      // It writes out all requests of each connection before it begins: given all of them, that takes it seconds.
      setupClient(connection) {
        const at = (client++ * each) % all.length;
        connection.setRequests(all.slice(at, at + each));
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
