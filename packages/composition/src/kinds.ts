import { type Kind, kinds } from "@everlearn/contracts";

export const isKind = (value: unknown): value is Kind => kinds.includes(value as Kind);

/** Whether it may be a plugin's short name. */
export const isName = (value: unknown): value is string => typeof value === "string" && /^[a-z0-9-]{1,64}$/.test(value);
