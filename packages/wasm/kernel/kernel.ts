// What every network's kernel exports. A network with layers of its own compiles a kernel that begins
// `export * from` this module, so that all of it is one WebAssembly module with one memory. Strict SIMD only: every
// operation has one result on every machine, and every sum runs in an order that the sizes alone decide.

export { gram } from "./gram";
export { argmax, binaryCrossEntropy, crossEntropy, softCrossEntropy, squaredDifference } from "./loss";
export { add, addProduct, clear, copy, divide, dot, lerp, lerpBoth, multiply, scale, sqrt } from "./vector";
