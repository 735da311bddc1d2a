/**
 * The shape of a JSON value: the name of its type (`any` for all types), a list of one shape, or the members that an
 * object always has.
 */
export type Shape = string | readonly [Shape] | { readonly [member: string]: Shape };

/**
 * Tells the service's answer from a proxy's. One of an object's members is enough, because an older service may not
 * send all of them.
 */
export function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape === 'string') return shape === 'any' || typeof value === shape;
  if (isList(shape)) return Array.isArray(value) && value.every((item) => fits(item, shape[0]));
  if (!isRecord(value)) return false;
  const members = Object.entries(shape);
  return members.length === 0 || members.some(([name, member]) => name in value && fits(value[name], member));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
