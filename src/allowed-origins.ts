/**
 * Reads the origins of ALLOWED_ORIGINS, separated by commas.
 *
 * @throws Error if one is not in the form that browsers send
 */
export function readAllowedOrigins(list: string): string[] {
  const origins = list.split(',').map((origin) => origin.trim());
  if (origins.every(isOrigin)) return origins;
  throw new Error(
    'must be origins as browsers send them, such as https://images.example.org or http://10.0.0.7:8080, with ' +
      'commas between them: in lower case, without a path and without the default port',
  );
}

function isOrigin(text: string): boolean {
  return /^https?:[^*]*$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
