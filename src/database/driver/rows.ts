/**
 * The rows of a result. A query that failed after its first rows makes the driver begin the next result with holes;
 * filter() passes over holes. It can go when "driver: after a query that failed late, the next result begins with
 * holes" fails (test/database/driver.test.ts).
 */
export function withoutHoles<Row>(result: readonly Row[]): Row[] {
  return result.filter(() => true);
}
