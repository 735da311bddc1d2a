import { connect } from 'node:net';
import { answerCalls } from '../support/child.js';

// A process of its own, so that what it takes does not count against the probes.
const port = Number(process.env.SERVICE_PORT);
const MIB = 1024 * 1024;

/** How long after it was cut a client comes again. */
const AGAIN_MS = 5000;

/** What each kind of socket does once it is open. It is opened again where the service hangs up. */
const KINDS = {
  unread: (/** @type {import('node:net').Socket} */ socket) => {
    socket.pause().write(get('/v1/details?identifier=large').repeat(90));
  },
  pipelining: (/** @type {import('node:net').Socket} */ socket) => {
    socket.pause().write(get('/v1/details?identifier=large').repeat(400));
  },
  malformed: (/** @type {import('node:net').Socket} */ socket) => {
    socket.pause().write(get('/%').repeat(400));
  },
  half: (/** @type {import('node:net').Socket} */ socket) => {
    socket.write(post('/v1/queues/a/jobs/batch', 8 * MIB - 1024));
    socket.write(Buffer.alloc(8 * MIB - 2048, 'x'));
  },
  parts: (/** @type {import('node:net').Socket} */ socket) => {
    socket.write(`${head('POST', '/v1/queues/a/jobs/batch')}Transfer-Encoding: chunked\r\n\r\n`);
    socket.write('1\r\nx\r\n'.repeat(MIB));
  },
  trickle: (/** @type {import('node:net').Socket} */ socket) => {
    socket.write(post('/v1/queues/a/jobs/batch', 8 * MIB - 1024));
    socket.write(Buffer.alloc(7 * MIB, 'x'));
    const timer = setInterval(() => socket.write('x'), 1000);
    socket.once('close', () => clearInterval(timer));
  },
  reset: (/** @type {import('node:net').Socket} */ socket) => {
    socket.write(post('/v1/queues/a/jobs', 200_000));
    socket.write(Buffer.alloc(100_000, 'x'), () => socket.resetAndDestroy());
  },
  pops: (/** @type {import('node:net').Socket} */ socket) => {
    const pop = '{"worker_id":"hostile","wait_seconds":50}';
    socket.write((post('/v1/queues/probe-not/pop', pop.length) + pop).repeat(50), () => {
      setTimeout(() => socket.resetAndDestroy(), 2000);
    });
  },
  'pipelined-streams': (/** @type {import('node:net').Socket} */ socket) => {
    socket.pause().write(get('/v1/hashes').repeat(20));
  },
  stalled: (/** @type {import('node:net').Socket} */ socket) => {
    socket.pause().write(get('/v1/hashes'));
  },
};

/** @type {Set<import('node:net').Socket>} */
const open = new Set();
let opened = 0;
let isOver = false;

answerCalls({
  /** Opens the sockets, each kind in turn, and opens them again for as long as it goes on. */
  async start({ sockets, only }) {
    const behaviours = Object.entries(KINDS)
      .filter(([name]) => only === undefined || only.includes(name))
      .map(([, behave]) => behave);
    for (let at = 0; at < sockets; at++) begin(behaviours[at % behaviours.length]);
  },

  async stop() {
    isOver = true;
    for (const socket of open) socket.destroy();
    return opened;
  },
});

/** @param {(socket: import('node:net').Socket) => void} behave */
function begin(behave) {
  if (isOver) return;
  opened++;
  const socket = connect({ host: '127.0.0.1', port }, () => behave(socket));
  open.add(socket);
  socket.on('error', () => {});
  socket.on('data', () => {});
  socket.once('close', () => {
    open.delete(socket);
    setTimeout(() => begin(behave), AGAIN_MS);
  });
}

/** @param {string} method @param {string} path */
function head(method, path) {
  return `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
}

/** @param {string} path */
function get(path) {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** @param {string} path @param {number} length */
function post(path, length) {
  return `${head('POST', path)}Content-Length: ${length}\r\n\r\n`;
}
