/**
 * Measures the contenders in turns, every second round in the other order, so that each has the machine of its
 * neighbours in time.
 *
 * @template {string} Who
 * @param {number} rounds
 * @param {Who[]} contenders
 * @param {(who: Who) => Promise<number>} measure
 * @returns {Promise<Record<Who, number[]>>} round by round
 */
export async function turns(rounds, contenders, measure) {
  const rates = /** @type {Record<Who, number[]>} */ ({});
  for (const who of contenders) rates[who] = [];
  for (let round = 0; round < rounds; round++) {
    for (const who of round % 2 === 0 ? contenders : contenders.toReversed())
      rates[who].push(await measure(who));
  }
  return rates;
}
