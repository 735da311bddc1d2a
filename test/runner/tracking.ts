import asyncHooks, { type AsyncHook } from 'node:async_hooks';
import { syncBuiltinESMExports } from 'node:module';

/**
 * node:test follows every promise of the process, to know of which test it is. That costs time at each promise of the
 * tests, and is needed only while a file is loaded: `test()` then finds the suite that it is called in. This module is
 * loaded before node:test, and lets it have its hook only then. An error that no test catches fails the run in any
 * case.
 */
const { createHook } = asyncHooks;
let hook: AsyncHook | undefined;

asyncHooks.createHook = (callbacks) => {
  asyncHooks.createHook = createHook;
  syncBuiltinESMExports();
  hook = createHook(callbacks);
  return hook;
};
syncBuiltinESMExports();

/** Lets node:test follow what is done from now on, or not. */
export function track(isOn: boolean): void {
  if (isOn) hook?.enable();
  else hook?.disable();
}
