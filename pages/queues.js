import { act, call, storedKey, storeKey, Trouble } from './api.js';
import { showDead } from './dead.js';
import { count, createRow } from './rows.js';

/** @typedef {import('./rows.js').Queue} Queue */

const REFRESH_MS = 2000;

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);
const body = element('queues').tBodies[0];

/** @type {Map<string, ReturnType<typeof createRow>>} */
const rows = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let round = 0;

/** @param {string} text */
function say(text, isTrouble = false) {
  const status = element('status');
  // Read aloud only when it changes.
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle('trouble', isTrouble);
}

async function refresh() {
  clearTimeout(timer);
  const own = ++round;
  try {
    const { queues } = await call('GET', '/queues');
    if (own !== round) return;
    show(queues);
    say(queues.length === 1 ? '1 queue' : `${count(queues.length)} queues`);
  } catch (error) {
    if (own !== round) return;
    say(error instanceof Trouble ? error.message : String(error), true);
  }
  if (!document.hidden) timer = setTimeout(() => void refresh(), REFRESH_MS);
}

/** @param {Queue[]} queues */
function show(queues) {
  const totals = /** @type {const} */ (['ready', 'running', 'scheduled', 'dead', 'parked']).map((key) => {
    const group = document.createElement('div');
    const term = document.createElement('dt');
    const figure = document.createElement('dd');
    term.textContent = key === 'parked' ? 'Parked polls' : key[0].toUpperCase() + key.slice(1);
    figure.textContent = count(queues.reduce((sum, queue) => sum + queue[key], 0));
    group.append(term, figure);
    return group;
  });
  element('totals').replaceChildren(...totals);
  element('empty').hidden = queues.length > 0;
  element('queues').hidden = queues.length === 0;

  const names = new Set(queues.map(({ queue }) => queue));
  for (const [name, { row }] of rows) {
    if (names.has(name)) continue;
    row.remove();
    rows.delete(name);
  }
  for (const [at, queue] of queues.entries()) {
    const known = rows.get(queue.queue) ?? createRow(queue.queue, (action, of) => void perform(action, of));
    rows.set(queue.queue, known);
    known.update(queue);
    // Moving a row that stands right would take the focus from its buttons.
    if (body.children[at] !== known.row) body.insertBefore(known.row, body.children[at] ?? null);
  }
}

/** @param {import('./rows.js').Action} action @param {Queue} queue */
async function perform(action, queue) {
  const { queue: name, ready, scheduled, dead } = queue;
  try {
    if (action === 'show') return await showDead(name, dead);
    if (action === 'purge') {
      const question = `Remove the ${count(ready)} ready and ${count(scheduled)} scheduled jobs of “${name}”? Running jobs are spared.`;
      if (await confirmed(question, 'Purge')) await act(name, 'purge?which=waiting');
    } else if (action === 'bury') {
      if (await confirmed(`Remove the ${count(dead)} dead jobs of “${name}”?`, 'Purge dead'))
        await act(name, 'purge?which=dead');
    } else await act(name, action);
    await refresh();
  } catch (error) {
    say(error instanceof Trouble ? error.message : String(error), true);
  }
}

/** @param {string} question @param {string} yes @returns {Promise<boolean>} */
function confirmed(question, yes) {
  const dialog = element('confirm');
  element('question').textContent = question;
  element('confirm-yes').textContent = yes;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

/** @param {string} key */
function useKey(key) {
  storeKey(key);
  element('key').value = '';
  element('key').placeholder = key === '' ? 'none' : 'in use';
  element('forget').hidden = key === '';
}

element('key-form').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  useKey(element('key').value.trim());
  void refresh();
});
element('forget').addEventListener('click', () => {
  useKey('');
  void refresh();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refresh();
});
useKey(storedKey());
void refresh();
