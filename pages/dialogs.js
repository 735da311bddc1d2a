// What asks before it acts, and what shows one queue's dead.

import { currentKey, deadJobs, keepKey, purge, redrive, stats } from './api.js';
import { button, copyOf, count, counted, field, find, said, write } from './view.js';

/** @param {string} id */
function dialog(id) {
  const element = find(document, `dialog#${id}`, HTMLDialogElement);
  button(element, 'close').addEventListener('click', () => element.close());
  const message = find(element, '.message', HTMLElement);
  return {
    element,
    /** @param {string} text */
    say: (text) => write(message, text),
    /** Shows what went wrong, if it did. @param {() => Promise<void>} work */
    async attempt(work) {
      try {
        write(message, '');
        await work();
      } catch (error) {
        write(message, said(error));
      }
    },
  };
}

const key = dialog('key-dialog');
const keyInput = find(key.element, 'input', HTMLInputElement);
const purging = dialog('purge-dialog');
const dead = dialog('dead-dialog');

/** @param {() => void} onChange */
export function watchKey(onChange) {
  find(key.element, 'form', HTMLFormElement).addEventListener('submit', (event) => {
    const value = keyInput.value.trim();
    if (/^[\w.~+/-]+=*$/.test(value)) return use(value);
    event.preventDefault();
    key.say('A key is made of letters, digits and - . _ ~ + / only.');
  });
  button(key.element, 'forget').addEventListener('click', () => {
    use('');
    key.element.close();
  });
  // Nothing of it stays in the page.
  key.element.addEventListener('close', () => {
    keyInput.value = '';
  });

  /** @param {string} value */
  function use(value) {
    keepKey(value);
    onChange();
  }
}

export function askForKey() {
  key.say('');
  button(key.element, 'forget').hidden = currentKey() === '';
  key.element.showModal();
  keyInput.focus();
}

/** What the open dialogs are about. */
const open = { queue: '', waiting: 0, dead: 0, next: /** @type {string | undefined} */ (undefined) };

/** @param {(text: string) => void} onDone says what was done, and looks again */
export function watchQueueDialogs(onDone) {
  purging.element.addEventListener('change', showChoice);
  find(purging.element, 'form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void purging.attempt(async () => {
      const { purged } = await purge(open.queue, chosen());
      purging.element.close();
      if (dead.element.open) dead.element.close();
      onDone(`${counted(purged, 'job')} removed from ${open.queue}.`);
    });
  });

  button(dead.element, 'more').addEventListener('click', () => void dead.attempt(showMore));
  button(dead.element, 'purge').addEventListener('click', () => void askForPurge(open.queue, 'dead'));
  button(dead.element, 'redrive').addEventListener('click', () => {
    void dead.attempt(async () => {
      const { redriven, skipped } = await redrive(open.queue);
      dead.element.close();
      const rest = skipped === 0 ? '' : `, ${count(skipped)} stay dead because their unique key lives again`;
      onDone(`${counted(redriven, 'job')} of ${open.queue} ready again${rest}.`);
    });
  });
}

/** Asks with figures that are newer than the page's, or as old as the service gives them out. @param {string} queue @param {'waiting' | 'dead'} [which] */
export async function askForPurge(queue, which) {
  open.queue = queue;
  write(field(purging.element, 'queue'), queue);
  for (const name of ['waiting', 'dead', 'spared']) write(field(purging.element, name), '…');
  const confirm = find(purging.element, '[data-field="confirm"]', HTMLButtonElement);
  confirm.disabled = true;
  if (!purging.element.open) purging.element.showModal();
  await purging.attempt(async () => {
    const { ready, scheduled, running, dead } = await stats(queue);
    open.waiting = ready + scheduled;
    open.dead = dead;
    write(
      field(purging.element, 'waiting'),
      `${counted(open.waiting, 'waiting job')} (${count(ready)} ready, ${count(scheduled)} scheduled)`,
    );
    write(field(purging.element, 'dead'), counted(dead, 'dead job'));
    write(
      field(purging.element, 'spared'),
      running === 0 ? 'None is running.' : `${counted(running, 'job')} running, spared.`,
    );
    radio(which ?? (open.waiting > 0 ? 'waiting' : 'dead')).checked = true;
    showChoice();
  });
}

/** @param {string} which */
function radio(which) {
  return find(purging.element, `input[value="${which}"]`, HTMLInputElement);
}

function chosen() {
  return radio('dead').checked ? 'dead' : 'waiting';
}

function showChoice() {
  const confirm = find(purging.element, '[data-field="confirm"]', HTMLButtonElement);
  const jobs = open[chosen()];
  write(confirm, `Remove ${counted(jobs, `${chosen()} job`)}`);
  confirm.disabled = jobs === 0;
}

/** @param {string} queue */
export async function showDead(queue) {
  open.queue = queue;
  open.next = undefined;
  write(field(dead.element, 'queue'), queue);
  list().replaceChildren();
  button(dead.element, 'more').hidden = true;
  dead.element.showModal();
  await dead.attempt(showMore);
}

async function showMore() {
  const { queue } = open;
  const { jobs, next } = await deadJobs(queue, open.next);
  // Another queue's dialog may be open by now.
  if (open.queue !== queue) return;
  open.next = next;
  list().append(...jobs.map(jobItem));
  button(dead.element, 'more').hidden = next === undefined;
  if (list().childElementCount === 0) dead.say('There is none any more.');
}

function list() {
  return find(dead.element, 'ol', HTMLElement);
}

/** @param {import('./api.js').DeadJob} job */
function jobItem({ id, job, attempts, max_attempts, last_error, died_at }) {
  const item = copyOf('job');
  write(field(item, 'id'), id);
  write(field(item, 'attempts'), `${count(attempts)} of ${counted(max_attempts, 'run')} failed`);
  write(field(item, 'died'), died_at === undefined ? '' : `died ${new Date(died_at).toLocaleString()}`);
  write(field(item, 'error'), last_error ?? 'No error was given.');
  write(field(item, 'job'), JSON.stringify(job, null, 2));
  return item;
}
