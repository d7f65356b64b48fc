/** What is wrong with a path in an archive, as a predicate; undefined where it stays within the archive's folder. */
export function pathProblem(path: string): string | undefined {
  const leaves = /^[/\\]|^[a-z]:/i.test(path) || path.split(/[/\\]/).includes("..");
  return leaves ? `holds the path ${path}, which leads out of its folder` : undefined;
}
