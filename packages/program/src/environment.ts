/** The environment of a process that runs strangers' code: without variables whose names sound like secrets. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const secret = /token|secret|password|passwd|credential|api_?key|private_?key|^EVERLEARN_DATA$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.test(name)));
}
