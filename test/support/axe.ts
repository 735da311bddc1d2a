import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Gives axe to the pages to which this one goes from now on. */
export async function bringAxe(page: Page): Promise<void> {
  await page.addInitScript(axe.source);
}

/** Those of the rules that axe tries without being asked to. */
const RULES_OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/**
 * What axe finds wrong with a page that has axe.
 *
 * @param only `colours` where all rules have been tried, and nothing else is different now
 * @param within a selector, where the rest of the page has been tried
 */
export function faultsOf(page: Page, only?: 'colours', within?: string): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...(only && { runOnly: RULES_OF_COLOURS }) };
  return page.evaluate(
    `axe.run(${within === undefined ? 'document' : JSON.stringify(within)}, ${JSON.stringify(options)}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' ')))`,
  );
}
