// The table: a row for each queue, kept and written to, never made anew.

import { age, button, byId, copyOf, count, field, find, trend, write } from './view.js';

/** @typedef {import('./api.js').Queue} Queue */
/** @typedef {(action: 'pause' | 'dead' | 'purge', queue: Queue) => Promise<void>} OnAction */
/** @typedef {{ element: HTMLElement, latest: Queue, seen: number, show: (queue: Queue) => void }} Row */

/** A queue that is worked off as fast as it fills would come and go: it stays for a while after its last job. */
const KEPT_MS = 60_000;

/** @type {Map<string, Row>} */
const rows = new Map();
const table = byId('queues');
const body = find(table, 'tbody', HTMLElement);
const filter = find(document, '#filter', HTMLInputElement);
const sort = find(document, '#sort', HTMLSelectElement);

/** @param {Queue[]} queues @param {OnAction} onAction */
export function showQueues(queues, onAction) {
  const now = performance.now();
  for (const queue of queues) {
    const row = rows.get(queue.queue) ?? addRow(queue, onAction);
    row.seen = now;
    row.show(queue);
  }
  for (const [name, row] of rows) {
    if (row.seen === now) continue;
    if (now - row.seen > KEPT_MS && !row.element.contains(document.activeElement)) {
      row.element.remove();
      rows.delete(name);
    } else row.show(idle(name));
  }
  arrange();
}

/** Rearranges when the reader wants another order, or fewer. */
export function watchTools() {
  filter.addEventListener('input', () => arrange(true));
  sort.addEventListener('change', () => arrange(true));
}

function arrange(asked = false) {
  const wanted = filter.value.trim().toLowerCase();
  const all = [...rows.values()];
  let shown = 0;
  for (const { element, latest } of all) {
    element.hidden = !latest.queue.toLowerCase().includes(wanted);
    if (!element.hidden) shown++;
  }
  table.hidden = rows.size === 0;
  byId('empty').hidden = rows.size > 0;
  byId('tools').hidden = rows.size < 6 && wanted === '';
  write(byId('shown'), shown === rows.size ? '' : `${shown} of ${rows.size}`);

  // No row moves away from under a hand.
  if (!asked && body.matches(':hover, :focus-within') && body.childElementCount === all.length) return;
  const order = all.sort(comparison()).map(({ element }) => element);
  if (order.some((element, at) => body.children[at] !== element)) body.replaceChildren(...order);
}

/** @returns {(a: Row, b: Row) => number} */
function comparison() {
  const by = sort.value;
  /** @param {Row} a @param {Row} b */
  const byName = (a, b) => a.latest.queue.localeCompare(b.latest.queue, 'en', { numeric: true });
  if (by !== 'ready' && by !== 'dead' && by !== 'oldest_ready_seconds') return byName;
  return (a, b) => (b.latest[by] ?? -1) - (a.latest[by] ?? -1) || byName(a, b);
}

/** @param {Queue} first @param {OnAction} onAction @returns {Row} */
function addRow(first, onAction) {
  const element = copyOf('row');
  const addSample = trend(element);
  write(field(element, 'queue'), first.queue);
  /** @type {Row} */
  const row = { element, latest: first, seen: 0, show };
  for (const action of /** @type {const} */ (['pause', 'dead', 'purge'])) {
    button(element, action).addEventListener('click', () => void onAction(action, row.latest));
  }

  /** @param {Queue} queue */
  function show(queue) {
    row.latest = queue;
    for (const name of /** @type {const} */ (['ready', 'running', 'scheduled', 'dead', 'parked'])) {
      const cell = field(element, name);
      write(cell, count(queue[name]));
      cell.toggleAttribute('data-zero', queue[name] === 0);
    }
    write(field(element, 'oldest'), age(queue.oldest_ready_seconds));
    field(element, 'oldest').toggleAttribute('data-zero', queue.oldest_ready_seconds === null);
    field(element, 'paused').hidden = !queue.paused;
    element.toggleAttribute('data-paused', queue.paused);
    name('pause', queue.paused ? 'Resume' : 'Pause');
    name('dead', 'Dead jobs');
    name('purge', 'Purge');
    button(element, 'dead').disabled = queue.dead === 0;
    button(element, 'purge').disabled = queue.ready + queue.scheduled + queue.dead === 0;
    addSample(queue.ready);
  }

  /** @param {string} action @param {string} label */
  function name(action, label) {
    const target = button(element, action);
    write(target, label);
    const full = `${label}: ${first.queue}`;
    if (target.getAttribute('aria-label') !== full) target.setAttribute('aria-label', full);
  }

  rows.set(first.queue, row);
  return row;
}

/** @param {string} queue @returns {Queue} */
function idle(queue) {
  const none = { ready: 0, scheduled: 0, running: 0, dead: 0, parked: 0 };
  return { queue, ...none, oldest_ready_seconds: null, paused: false };
}
