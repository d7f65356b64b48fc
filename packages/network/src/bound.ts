/** The named methods of an object, as far as it has them, each bound to it. */
export function bound<T extends object, K extends keyof T>(owner: T, ...names: readonly K[]): Pick<T, K> {
  const methods = names.flatMap((name) => {
    const method = owner[name];
    return typeof method === "function" ? [[name, method.bind(owner) as unknown]] : [];
  });
  return Object.fromEntries(methods) as Pick<T, K>;
}
