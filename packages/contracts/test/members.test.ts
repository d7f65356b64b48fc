import { describe, expect, it } from "vitest";
import { type Kind, kinds, members, missingMembers, needs, type Parts } from "../src/index.js";

const required = (kind: Kind) =>
  Object.entries<string>(members[kind]).flatMap(([member, how]) => (how === "required" ? [member] : []));
/** A part with these members and no others, of any kind. */
const having = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0])) as never;

describe("the list of kinds", () => {
  it("is in the order in which a run needs them", () => {
    expect(kinds).toEqual(
      "dataset stream scenario network optimizer augmentation buffer learner metric tracker".split(" "),
    );
  });

  it("goes with that of needs", () => {
    expect(needs).toEqual("network backward buffer taskLabels testTaskLabels boundaries of".split(" "));
  });
});

describe.each(kinds.filter((kind) => kind !== "metric"))("a %s", (kind) => {
  it("lacks nothing with all that is required, whatever optional it has", () => {
    expect(missingMembers(kind, having(required(kind)))).toEqual([]);
    expect(missingMembers(kind, having(Object.keys(members[kind])))).toEqual([]);
    expect(required(kind).length).toBeGreaterThan(0);
  });

  it.each(required(kind))("lacks %s where it is not there, or undefined", (member) => {
    const others = required(kind).filter((name) => name !== member);
    expect(missingMembers(kind, having(others))).toEqual([member]);
    const undefinedOne = { ...(having(others) as object), [member]: undefined } as never;
    expect(missingMembers(kind, undefinedOne)).toEqual([member]);
  });
});

describe("what a part has", () => {
  it("may be inherited, or be computed", () => {
    class Kept {
      capacity = 0;
      get size() {
        return 0;
      }
      add() {}
      sample() {
        return [];
      }
      all() {
        return [];
      }
      save() {
        return null;
      }
      load() {}
    }
    expect(missingMembers("buffer", new Kept())).toEqual([]);
    class Less extends Kept {
      override sample = undefined as never;
    }
    expect(missingMembers("buffer", new Less())).toEqual(["sample"]);
  });

  it("is nothing but itself of a metric", () => {
    expect(missingMembers("metric", () => 0)).toEqual([]);
  });

  it("is told in the contract's order", () => {
    expect(missingMembers("learner", { predict() {} } as unknown as Parts["learner"])).toEqual([
      ...["observe", "save", "load"],
    ]);
  });

  it("has fast paths of a network among the optional", () => {
    const optional = Object.entries<string>(members.network).flatMap(([member, how]) =>
      how === "optional" ? [member] : [],
    );
    expect(optional).toEqual("tensors trained descend step losses predict gram gradientGram backward".split(" "));
  });
});
