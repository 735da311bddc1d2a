// Small helpers: everything that comes from the service is set as text, never as markup.

/**
 * The one element that the page's own markup promises.
 * @template {Element} T
 * @param {ParentNode} root @param {string} selector @param {new () => T} kind
 * @returns {T}
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`no ${selector}`);
  return found;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  return find(document, `#${id}`, HTMLElement);
}

/** @param {ParentNode} root @param {string} name */
export function field(root, name) {
  return find(root, `[data-field="${name}"]`, HTMLElement);
}

/** @param {ParentNode} root @param {string} name */
export function button(root, name) {
  return find(root, `button[data-action="${name}"]`, HTMLButtonElement);
}

/**
 * Writes only what is new, so that selections and screen readers are left alone.
 * @param {Element} element @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} id @returns {HTMLElement} the first element of a fresh copy */
export function copyOf(id) {
  const copy = document.importNode(find(document, `template#${id}`, HTMLTemplateElement).content, true);
  return find(copy, '*', HTMLElement);
}

/** @param {number} number */
export function count(number) {
  return number.toLocaleString('en');
}

/** @param {number} number @param {string} noun with a regular plural */
export function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** @param {number | null} seconds */
export function age(seconds) {
  if (seconds === null) return '–';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {unknown} error what a request threw */
export function said(error) {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'The service took too long.';
  if (error instanceof TypeError) return 'The service does not answer.';
  return error instanceof Error ? error.message : String(error);
}

const SAMPLES = 120;
/** So that the first minute does not look like a flood. */
const FEWEST = 30;
const [WIDTH, HEIGHT] = [120, 24];

/**
 * A line of what a figure was, the newest on the right.
 * @param {Element} root of the svg
 * @returns {(value: number) => void} adds a sample
 */
export function trend(root) {
  const line = find(root, 'svg.trend polyline', SVGPolylineElement);
  const area = find(root, 'svg.trend polygon', SVGPolygonElement);
  /** @type {number[]} */
  const samples = [];
  return (value) => {
    samples.push(value);
    if (samples.length > SAMPLES) samples.shift();
    const top = Math.max(...samples, 1);
    const step = WIDTH / (Math.max(samples.length, FEWEST) - 1);
    const left = WIDTH - (samples.length - 1) * step;
    const points = samples.map(
      (sample, at) =>
        `${(left + at * step).toFixed(1)},${(HEIGHT - 2 - (sample / top) * (HEIGHT - 6)).toFixed(1)}`,
    );
    line.setAttribute('points', points.join(' '));
    area.setAttribute('points', [`${left},${HEIGHT}`, ...points, `${WIDTH},${HEIGHT}`].join(' '));
  };
}
