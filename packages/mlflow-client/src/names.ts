/**
 * The one place where names change: MLflow's are `snake_case` on the wire and `camelCase` here. Only the names of
 * fields change. MLflow has no field whose own fields are named by users: tags and the like are lists of keys and values.
 */
export const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const camel = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A request as it goes to MLflow. Fields that are undefined are left out. */
export const encode = (value: unknown): unknown => renamed(value, snake);

/** An answer of MLflow's as this package gives it. */
export const decode = (value: unknown): unknown => renamed(value, camel);

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, rename));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [rename(name), renamed(field, rename)]),
  );
}
