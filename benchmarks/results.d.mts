/** A text with every suite's table between its markers. */
export function withTables(text: string): Promise<string>;
