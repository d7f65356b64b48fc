import { fileURLToPath } from "node:url";

/** The folder of the package that holds the command: the plugins that come with it are found from here. */
export const packageRoot: string = fileURLToPath(new URL("..", import.meta.url));
