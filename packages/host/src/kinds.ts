import type { Kind } from "@everlearn/contracts";

const all: Record<Kind, true> = {
  dataset: true,
  stream: true,
  scenario: true,
  network: true,
  optimizer: true,
  buffer: true,
  learner: true,
  metric: true,
  tracker: true,
};

/** Every kind of plugin, in the order in which a run needs them. */
export const kinds = Object.keys(all) as readonly Kind[];

export const isKind = (value: unknown): value is Kind => typeof value === "string" && Object.hasOwn(all, value);

/** Whether it may be a plugin's short name. */
export const isName = (value: unknown): value is string => typeof value === "string" && /^[a-z0-9-]{1,64}$/.test(value);
