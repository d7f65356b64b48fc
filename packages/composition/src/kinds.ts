import { type Kind, kinds } from "@everlearn/contracts";

/** Whether a value is the name of a kind of plugin. */
export const isKind = (value: unknown): value is Kind => kinds.includes(value as Kind);

/** Whether it may be a plugin's short name. */
export const isName = (value: unknown): value is string => typeof value === "string" && /^[a-z0-9-]{1,64}$/.test(value);
