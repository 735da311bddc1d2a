// The live page of the queues: looks every two seconds while somebody looks.

import { queues, Refusal, setPaused } from './api.js';
import { askForKey, askForPurge, showDead, watchKey, watchQueueDialogs } from './dialogs.js';
import { showQueues, watchTools } from './rows.js';
import { age, byId, count, field, find, said, trend, write } from './view.js';

/** @typedef {import('./api.js').Queue} Queue */

const INTERVAL_MS = 2000;
const MOST_MS = 15_000;

const status = byId('status');
const notice = byId('notice');
const totals = byId('totals');
const addTotal = trend(totals);

let failures = 0;
let looking = false;
let timer = 0;

async function look() {
  clearTimeout(timer);
  if (looking || document.hidden) return;
  looking = true;
  const start = performance.now();
  try {
    const { as_of, queues: all } = await queues();
    failures = 0;
    show(all, as_of);
    // A service that answers slowly is asked less often.
    schedule(Math.max(INTERVAL_MS, (performance.now() - start) * 10));
  } catch (error) {
    failures++;
    showTrouble(error);
    // With a key that does not do, asking again is of no use.
    if (!(error instanceof Refusal && error.isAboutKey))
      schedule(INTERVAL_MS * 2 ** Math.min(failures - 1, 5));
  } finally {
    looking = false;
  }
}

/** @param {number} ms */
function schedule(ms) {
  timer = setTimeout(look, Math.min(ms, MOST_MS));
}

/** @param {Queue[]} all @param {string} asOf when they were counted */
function show(all, asOf) {
  setState('live', 'Live');
  write(byId('updated'), new Date(asOf).toLocaleTimeString());
  notice.hidden = true;
  showTotals(all);
  showQueues(all, onAction);
}

/** @param {Queue[]} all */
function showTotals(all) {
  for (const name of /** @type {const} */ (['ready', 'running', 'scheduled', 'dead', 'parked'])) {
    const total = all.reduce((sum, queue) => sum + queue[name], 0);
    write(field(totals, name), count(total));
    field(totals, name).toggleAttribute('data-zero', total === 0);
    if (name === 'ready') addTotal(total);
  }
  const ages = all.flatMap(({ oldest_ready_seconds: seconds }) => (seconds === null ? [] : [seconds]));
  write(field(totals, 'oldest'), age(ages.length === 0 ? null : Math.max(...ages)));
  const paused = all.filter((queue) => queue.paused).length;
  write(field(totals, 'queues'), count(all.length));
  write(field(totals, 'paused'), paused === 0 ? '' : `${count(paused)} paused`);
}

/** @param {unknown} error */
function showTrouble(error) {
  const aboutKey = error instanceof Refusal && error.isAboutKey;
  setState(aboutKey ? 'key' : 'away', aboutKey ? 'Key needed' : 'Trying again');
  const stale = byId('updated').textContent;
  const since = stale && !aboutKey ? ` What you see is from ${stale}.` : '';
  write(find(notice, 'p', HTMLElement), `${said(error)}${since}`);
  find(notice, 'button', HTMLElement).hidden = !aboutKey;
  notice.hidden = false;
}

/** @param {string} state @param {string} text */
function setState(state, text) {
  document.body.dataset['state'] = state;
  write(status, text);
}

/** @param {'pause' | 'dead' | 'purge'} action @param {Queue} queue */
async function onAction(action, { queue, paused }) {
  if (action === 'purge') return askForPurge(queue);
  if (action === 'dead') return showDead(queue);
  try {
    await setPaused(queue, !paused);
    done(`${queue} is ${paused ? 'running again' : 'paused'}.`);
  } catch (error) {
    report(said(error), true);
  }
}

/** @param {string} text */
function done(text) {
  report(text, false);
  void look();
}

let fading = 0;

/** @param {string} text @param {boolean} failed */
function report(text, failed) {
  const line = byId('said');
  line.toggleAttribute('data-failed', failed);
  write(line, text);
  clearTimeout(fading);
  fading = setTimeout(() => write(line, ''), 8000);
}

watchTools();
watchQueueDialogs(done);
watchKey(() => void look());
byId('open-key').addEventListener('click', askForKey);
find(notice, 'button', HTMLElement).addEventListener('click', askForKey);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void look();
});
void look();
