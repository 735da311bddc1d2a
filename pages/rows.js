// One row of the table for each queue. Names come from clients: they are only ever set as text.

/**
 * @typedef {{ queue: string, ready: number, scheduled: number, running: number, dead: number,
 *   oldest_ready_seconds: number | null, parked: number, paused: boolean }} Queue
 * @typedef {'pause' | 'resume' | 'redrive' | 'purge' | 'bury' | 'show'} Action
 */

const SVG = 'http://www.w3.org/2000/svg';
const POINTS = 60;
const FIGURES = /** @type {const} */ ([
  ['ready', 'Ready'],
  ['oldest', 'Oldest ready'],
  ['running', 'Running'],
  ['scheduled', 'Scheduled'],
  ['dead', 'Dead'],
  ['parked', 'Parked polls'],
]);

const number = new Intl.NumberFormat();

/** @param {number} value */
export const count = (value) => number.format(value);

/** @param {number | null} seconds */
function age(seconds) {
  if (seconds === null) return '–';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/**
 * @param {string} name
 * @param {(action: Action, queue: Queue) => void} onAction
 */
export function createRow(name, onAction) {
  const row = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  const label = document.createElement('span');
  label.textContent = name;
  const paused = document.createElement('span');
  paused.className = 'paused';
  paused.textContent = 'paused';
  head.append(label, paused);

  /** @type {Record<string, HTMLTableCellElement>} */
  const cells = {};
  for (const [key, title] of FIGURES) {
    const cell = document.createElement('td');
    cell.className = 'number';
    cell.dataset.label = title;
    cells[key] = cell;
  }
  const line = document.createElementNS(SVG, 'polyline');
  const trend = document.createElement('td');
  trend.className = 'trend';
  trend.append(sparkline(line));

  /** @type {Queue} */
  let current;
  /** @param {string} text @param {Action} action */
  const button = (text, action) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.setAttribute('aria-label', `${text}: ${name}`);
    made.addEventListener('click', () => onAction(action, current));
    return made;
  };
  const pause = button('Pause', 'pause');
  const resume = button('Resume', 'resume');
  const show = button('Dead jobs', 'show');
  const redrive = button('Redrive', 'redrive');
  const purge = button('Purge', 'purge');
  const bury = button('Purge dead', 'bury');
  purge.className = 'danger';
  bury.className = 'danger';
  const actions = document.createElement('td');
  const bar = document.createElement('div');
  bar.className = 'actions';
  bar.append(show, redrive, bury, pause, resume, purge);
  actions.append(bar);
  row.append(
    head,
    cells.ready,
    trend,
    cells.oldest,
    cells.running,
    cells.scheduled,
    cells.dead,
    cells.parked,
    actions,
  );

  /** @type {number[]} */
  const history = [];
  return {
    row,
    /** @param {Queue} queue */
    update(queue) {
      current = queue;
      for (const key of /** @type {const} */ (['ready', 'running', 'scheduled', 'dead', 'parked'])) {
        cells[key].textContent = count(queue[key]);
      }
      cells.oldest.textContent = age(queue.oldest_ready_seconds);
      cells.dead.classList.toggle('danger', queue.dead > 0);
      paused.hidden = !queue.paused;
      pause.hidden = queue.paused;
      resume.hidden = !queue.paused;
      for (const one of [show, redrive, bury]) one.hidden = queue.dead === 0;
      purge.disabled = queue.ready + queue.scheduled === 0;
      history.push(queue.ready);
      if (history.length > POINTS) history.shift();
      line.setAttribute('points', pointsOf(history));
    },
  };
}

/** @param {SVGPolylineElement} line */
function sparkline(line) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 100 20');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(line);
  return svg;
}

/** @param {number[]} history */
function pointsOf(history) {
  const most = Math.max(...history, 1);
  const step = 100 / (POINTS - 1);
  const first = POINTS - history.length;
  return history.map((value, at) => `${(first + at) * step},${19 - (18 * value) / most}`).join(' ');
}
