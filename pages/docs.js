// What the docs page needs beside the documentation itself.

document.head.append(element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }));

const bar = element('header', { class: 'bar' });
const nav = element('nav', { 'aria-label': 'Pages' });
nav.append(
  link('console/queues', 'Queues'),
  link('console/media', 'Media'),
  link('docs', 'API', { 'aria-current': 'page' }),
);
bar.append(link('./', 'pict-repo', { class: 'brand' }), nav);
document.body.prepend(bar);

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

/**
 * @param {string} path below the service's root, which may be below another server's
 * @param {string} text
 * @param {Record<string, string>} attributes
 */
function link(path, text, attributes = {}) {
  const root = location.href.replace(/\/docs\/?([?#].*)?$/, '/');
  const anchor = element('a', { href: new URL(path, root).href, ...attributes });
  anchor.textContent = text;
  return anchor;
}

/** @param {string} name @param {Record<string, string>} attributes */
function element(name, attributes) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
