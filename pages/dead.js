import { call } from './api.js';
import { count } from './rows.js';

const MOST = 100;

/** Lists the dead jobs of a queue, with why they were given up. @param {string} queue @param {number} dead */
export async function showDead(queue, dead) {
  const { jobs } = await call('GET', `/queues/${encodeURIComponent(queue)}/jobs?state=dead&limit=${MOST}`);
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('dead'));
  /** @param {string} id @param {string} text */
  const write = (id, text) => {
    const target = document.getElementById(id);
    if (target) target.textContent = text;
  };
  write('dead-title', `Dead jobs of “${queue}”`);
  write('dead-note', dead > jobs.length ? `The first ${count(jobs.length)} of ${count(dead)}.` : '');
  document.getElementById('dead-jobs')?.replaceChildren(...jobs.map(itemOf));
  dialog.showModal();
}

/** @param {{ id: string, job: unknown, attempts: number, died_at: string, last_error?: string }} job */
function itemOf({ id, job, attempts, died_at, last_error }) {
  const item = document.createElement('li');
  const facts = document.createElement('small');
  facts.textContent = `${id} · ${attempts} failed ${attempts === 1 ? 'run' : 'runs'} · ${new Date(died_at).toLocaleString()}`;
  const error = document.createElement('pre');
  error.className = 'error';
  error.textContent = last_error ?? 'No error was told.';
  const text = document.createElement('pre');
  text.textContent = JSON.stringify(job, undefined, 1);
  item.append(facts, error, text);
  return item;
}
