/**
 * Removes text and parameters from an answered query. The driver assigns two functions to properties of each query; V8
 * takes such functions for methods and allocates them in the old generation. These functions keep the query alive, so
 * that minor collections copy everything that the query holds. It can go when "driver: what a query was made of
 * outlives minor collections" fails (test/database/driver.test.ts).
 */
export function dropInputs(query: object): void {
  Object.assign(query, { args: null, parameters: null, string: null, signature: null });
}
