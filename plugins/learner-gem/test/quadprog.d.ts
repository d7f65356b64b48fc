/** Goldfarb and Idnani's dual method, translated from their Fortran. All arrays begin at 1; what is at 0 is not read. The arrays given are overwritten. */
declare module "quadprog" {
  /** The x that minimises ½xᵀDx − dᵀx subject to Aᵀx ≥ b; `message` says why there is none. */
  export function solveQP(
    D: number[][],
    d: number[],
    A: number[][],
    b: number[],
  ): { readonly solution: readonly number[]; readonly message: string };
}
