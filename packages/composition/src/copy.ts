/** Node.js and browsers have it alike; the types of neither are wanted here. */
const { structuredClone } = globalThis as unknown as { structuredClone<T>(value: T): T };

/** A deep copy of plain values. @throws DataCloneError where one of them has behaviour, such as a function */
export const copy = <T>(value: T): T => structuredClone(value);
