import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { bringAxe } from './axe.js';
import { newPage } from './browser.js';

export interface VisitOptions extends BrowserContextOptions {
  /** The browser may say to the console that a request was refused or failed. */
  refusals?: boolean;
  /** Kept by the browser's tab, as if it had been typed before. */
  key?: string;
  /** For axe.ts. */
  axe?: boolean;
}

/** Opens a page, and fails on whatever it says to the console, on a dialog and on a request to elsewhere. */
export async function visit(
  browser: Browser,
  base: string,
  path: string,
  { refusals = false, key, axe = false, ...context }: VisitOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const page = await newPage(browser, context);
  if (key !== undefined) await page.addInitScript(`sessionStorage.setItem('pict-repo-key', '${key}')`);
  if (axe) await bringAxe(page);
  const faults: string[] = [];
  page.on('console', (message) => {
    const text = message.text();
    // The browser remarks that a dialog takes the focus from what had it.
    if (text.startsWith('Autofocus processing was blocked')) return;
    if (!(refusals && text.startsWith('Failed to load resource'))) faults.push(`${message.type()}: ${text}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== base && protocol !== 'data:') faults.push(`asks ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  try {
    await page.goto(base + path);
    await look(page);
    assert.deepEqual(faults, []);
  } finally {
    await page.close();
  }
}
