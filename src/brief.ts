const MAX_CHARACTERS = 100;

/** What a client sent, for a message: its beginning where it is long. */
export function brief(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS).toWellFormed()}…`;
}
