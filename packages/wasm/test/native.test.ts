import { afterEach, expect, it, vi } from "vitest";
import { createMemory, describeKernel, kernel, nativeLanes } from "../src/index.js";

const choose = (choice: string) => vi.stubEnv("EVERLEARN_KERNEL", choice);
/** As if nothing had been built for it. */
const unbuilt = { ...kernel, sources: "0".repeat(64) };

afterEach(() => vi.unstubAllEnvs());

it("computes in WebAssembly where that is asked for", () => {
  choose("wasm");
  expect(nativeLanes(kernel)).toBe(0);
  expect(describeKernel(kernel)).toBe("WebAssembly");
  expect(createMemory(kernel).lanes).toBe(4);
});

it("computes in WebAssembly where no native kernel is of the same sources", () => {
  choose("");
  expect(describeKernel(unbuilt)).toBe("WebAssembly");
});

it.each(["native", "native-4", "native-8", "native-16"])(
  "says in one sentence that there is no %s kernel",
  (choice) => {
    choose(choice);
    expect(() => createMemory(unbuilt)).toThrow(
      /^EVERLEARN_KERNEL asks for a native kernel, but this machine has none: .*; run "npm run native" in a clone, or unset EVERLEARN_KERNEL to compute with WebAssembly\.$/,
    );
  },
);

it.each(["Native", "native-32", "1", " "])("refuses EVERLEARN_KERNEL=%j", (choice) => {
  choose(choice);
  expect(() => createMemory(kernel)).toThrow(`EVERLEARN_KERNEL is "${choice}"; it may be wasm, native, or native-4`);
});
