const MAX_CHARACTERS = 100;

/** Shortens a text that a client sent, so that a message can quote it. */
export function brief(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS).toWellFormed()}…`;
}
