import { connect } from 'node:net';

/**
 * One keep-alive connection that sends one request at a time. Client, service and PostgreSQL share the cores, so
 * the client does as little as can be: no header objects, no streams, no checks that the answers do not need.
 */
export class Connection {
  #socket;
  #received = '';
  /** @type {{ resolve: (answer: Answer) => void, reject: (error: Error) => void } | undefined} */
  #waiting;

  /** @param {number} port */
  static async open(port) {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new Connection(socket);
  }

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#take(bytes.latin1Slice(0, bytes.length)));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
  }

  /**
   * @param {string} path
   * @param {string} json ASCII
   * @returns {Promise<Answer>} an answer between 200 and 299
   */
  post(path, json) {
    return this.#ask(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
        `content-length: ${json.length}\r\n\r\n${json}`,
    );
  }

  /** @param {string} path @returns {Promise<Answer>} an answer between 200 and 299 */
  get(path) {
    return this.#ask(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  }

  /** @param {string} request @returns {Promise<Answer>} */
  #ask(request) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request, 'latin1');
    });
  }

  /** Cuts the connection; a request in flight is never answered. */
  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  /** @param {string} text */
  #take(text) {
    const received = this.#received === '' ? text : this.#received + text;
    const end = received.indexOf('\r\n\r\n');
    const length = end === -1 ? undefined : contentLength(received, end);
    if (length === undefined || received.length < end + 4 + length) {
      this.#received = received;
      return;
    }
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const status = received.slice(9, 12);
    const body = received.slice(end + 4);
    if (status[0] === '2') waiting?.resolve(body);
    else waiting?.reject(new Error(`HTTP ${status}: ${body}`));
  }

  /** @param {Error} error */
  #end(error) {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

/** @typedef {string} Answer the body */

const LENGTH = 'content-length: ';

/** @param {string} received @param {number} end of the headers */
function contentLength(received, end) {
  const at = received.indexOf(LENGTH);
  if (at === -1 || at > end) throw new Error(`no length in ${received.slice(0, end)}`);
  return Number(received.slice(at + LENGTH.length, received.indexOf('\r\n', at)));
}
