import { dirname, resolve } from "node:path";
import { type Choice, createTracker, type RunSpec } from "@everlearn/host";
import { packageRoot } from "../package-root.js";
import type { Assignment } from "./desk.js";

/** A tracker to be made, and whose runs it is for. */
export interface Order {
  readonly choice: Choice;
  /** Where it is looked for. */
  readonly from: readonly string[];
  /** The runs' names; absent: all runs. */
  readonly runs?: readonly string[];
}

/** A command's runs also go to a tracker that it names. */
export function trackedBy(specs: readonly RunSpec[], names: readonly string[] = []): readonly RunSpec[] {
  return specs.map((spec) => {
    const more = names.filter((name) => !spec.trackers.some(({ use }) => use === name)).map((use) => ({ use }));
    return { ...spec, trackers: [...spec.trackers, ...more] };
  });
}

/** Each tracker once for all runs that use it with the same options. */
export function ordersOf(specs: readonly RunSpec[]): Order[] {
  const orders = new Map<string, Order & { readonly runs: string[] }>();
  for (const { name, trackers, source } of specs)
    for (const choice of trackers) {
      const from = [dirname(resolve(source?.file ?? ".")), process.cwd(), packageRoot];
      const key = JSON.stringify([choice, from]);
      const order = orders.get(key) ?? { choice, from, runs: [] };
      order.runs.push(name);
      orders.set(key, order);
    }
  return [...orders.values()];
}

/** Makes the trackers. @throws Error where one cannot be made */
export async function assignmentsOf(orders: readonly Order[]): Promise<Assignment[]> {
  const assignments: Assignment[] = [];
  for (const { choice, from, runs } of orders)
    assignments.push({ name: choice.use, tracker: await createTracker(choice, from), runs });
  return assignments;
}
