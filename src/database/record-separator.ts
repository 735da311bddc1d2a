/**
 * Separates the JSON texts of a list, which cannot contain it (RFC 7464). A list that is joined in this way needs no
 * quotes and escapes, unlike an array parameter.
 */
export const RECORD_SEPARATOR = '\x1e';
