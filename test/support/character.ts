import fc from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Any character that Unicode can have, as the unit of `fc.string`. fast-check's own, 'binary', first makes a table of
 * the whole million, which takes seconds.
 */
export const character = fc.nat({ max: 0x10ffff - SURROGATES.count }).map(
  (nth) => String.fromCodePoint(nth < SURROGATES.first ? nth : nth + SURROGATES.count),
  (text) => {
    const [only, ...more] = typeof text === 'string' ? text : '';
    const code = only?.codePointAt(0);
    if (code === undefined || more.length > 0 || !only?.isWellFormed()) throw new Error('not a character');
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);
