import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { File } from "@everlearn/leaderboard";
import type { Browser, Page } from "playwright-core";

/** Where Chromium is: what CHROMIUM_PATH names, or one that is installed. */
export function chromiumPath(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, which is not there.`);
    return named;
  }
  for (const name of ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"])
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // Not this one.
    }
  return undefined;
}

/** Files in a new folder. */
export function written(files: Iterable<File>): { url: (path: string) => string; paths: string[]; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "everlearn-site-"));
  const paths: string[] = [];
  for (const { path, content } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
    paths.push(path);
  }
  return {
    paths,
    url: (path) => pathToFileURL(join(folder, path)).href,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** What a page did that it must not do. */
export interface Trouble {
  /** Errors and warnings of the console, and errors that nobody caught. */
  readonly messages: string[];
  readonly dialogs: string[];
  /** Of anything but the pages themselves and what is in them. */
  readonly requests: string[];
  /** Windows that were opened. */
  readonly windows: string[];
}

export interface View {
  readonly width: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
}

/** A page that is watched, in a context of its own. */
export async function watched(
  browser: Browser,
  { width, height = 844, scheme = "light" }: View,
): Promise<{ page: Page; trouble: Trouble; close: () => Promise<void> }> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`violation of ${violatedDirective}: ${blockedURI}`),
    );
  });
  const trouble: Trouble = { messages: [], dialogs: [], requests: [], windows: [] };
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) trouble.messages.push(message.text());
  });
  page.on("pageerror", (error) => trouble.messages.push(error.message));
  page.on("dialog", (dialog) => {
    trouble.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!(url.startsWith("file:") && request.isNavigationRequest()) && !url.startsWith("data:image/svg+xml"))
      trouble.requests.push(url);
  });
  context.on("page", (opened) => trouble.windows.push(opened.url()));
  return { page, trouble, close: () => context.close() };
}

export const noTrouble: Trouble = { messages: [], dialogs: [], requests: [], windows: [] };
