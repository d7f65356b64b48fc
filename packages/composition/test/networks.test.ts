import type { CreateNetwork, Network, Term, Vector } from "@everlearn/contracts";
import { random } from "@everlearn/random";
import { describe, expect, it } from "vitest";
import { createCell } from "../src/index.js";
import { fake, happened, planned, refusal } from "./fakes.js";

interface Given {
  readonly network: Network;
  readonly createNetwork: CreateNetwork;
}
type Ask = (given: Given) => Promise<unknown>;

/** A learner that asks for networks so; what it got is among its members. */
const asking = (ask: Ask) =>
  fake("learner", "asking", {
    needs: ["network"],
    create: async (_: unknown, given: Given) => ({ ...given, asked: await ask(given) }),
  });
const changes = { learner: { use: "asking" }, buffer: null };
const planOf = (ask: Ask, more: object = {}) => planned({ ...changes, ...more }, [asking(ask)]);
const refused = (ask: Ask) => refusal(changes, [asking(ask)]);
const askedOf = ({ learner }: { learner: object }) => (learner as { asked: Network[] }).asked;

const x = new Uint8Array(6);
const terms = (count: number): Term[] => Array.from({ length: count }, () => ({ x, y: 0 }));
const into = {} as Vector;

describe("a network that a learner asks for besides its first", () => {
  const both: Ask = ({ createNetwork }) =>
    Promise.all([createNetwork("teacher"), createNetwork("critic", { shape: [5, 2], outputs: 1 })]);

  it("is made with the run's plugin and options, in the size that is asked for, with a generator of its own", async () => {
    const cell = await createCell(await planOf(both, { network: { use: "mlp", hidden: [7] } }), 3);
    const [teacher, critic] = askedOf(cell);
    const own = (name: string) => random(3, "network").fork(name).integer(1e9);
    expect(teacher).toMatchObject({ inputs: 6, outputs: 2, theta: { hidden: [7], draw: own("teacher") } });
    expect(critic).toMatchObject({ inputs: 10, outputs: 1, theta: { hidden: [7], draw: own("critic") } });
    expect(cell.network).toMatchObject({ theta: { draw: random(3, "network").integer(1e9) } });
    for (const member of ["descend", "losses", "predict", "gram"]) expect(teacher).toHaveProperty(member);
  });

  it("is the same whatever else is asked for", async () => {
    const draws = async (ask: Ask) => {
      const [teacher] = askedOf(await createCell(await planOf(ask), 3));
      return (teacher.theta as unknown as { draw: number }).draw;
    };
    const alone = await draws(async ({ createNetwork }) => [await createNetwork("teacher")]);
    expect(await draws(both)).toBe(alone);
  });

  it("has its gradients counted among the run's; the loss is the first one's", async () => {
    const cell = await createCell(await planOf(both), 0);
    const [teacher, critic] = askedOf(cell);
    teacher.gradient(terms(3), into);
    expect(cell.loss()).toBeUndefined();
    cell.network?.gradient(terms(2), into);
    critic.gradient(terms(5), into);
    expect([cell.gradients(), cell.loss()]).toEqual([10, 0.5]);
    expect(["gradients", "gradients/teacher", "gradients/critic"].map((place) => cell.parts[place].save())).toEqual([
      ...[2, 3, 5],
    ]);
    const other = await createCell(await planOf(both), 0);
    for (const [place, part] of Object.entries(other.parts)) part.load(cell.parts[place].save());
    expect(other.gradients()).toBe(10);
  });

  it("is saved, as are its optimizer and its generator, and let go of with the cell", async () => {
    const cell = await createCell(await planOf(both, { optimizer: { use: "adam" } }), 3);
    const [teacher] = askedOf(cell);
    expect(Object.keys(cell.parts).filter((place) => place.includes("teacher"))).toEqual([
      ...["random-network/teacher", "network/teacher", "gradients/teacher"],
    ]);
    expect(cell.parts["network/teacher"]).toBe(teacher);
    const generator = random(3, "network").fork("teacher");
    generator.integer(1e9);
    expect(cell.parts["random-network/teacher"].save()).toEqual(generator.save());
    teacher.step(into, 0.1);
    expect(cell.parts["network/teacher"].save()).toEqual({ network: "theta", optimizer: { m: 1 } });
    expect(cell.parts.network.save()).toEqual({ network: "theta", optimizer: null });
    happened.length = 0;
    await cell.dispose();
    expect(happened.filter((line) => line === "dispose mlp")).toHaveLength(3);
    expect(happened.filter((line) => line === "dispose adam")).toHaveLength(3);
  });

  it("is made of a chain as the first is, with generators that no other has", async () => {
    const around = fake("network", "teacher", {
      needs: ["of"],
      create: (_: unknown, given: { of: object; random: { integer(bound: number): number } }) => ({
        ...given.of,
        theta: given.random.integer(1e9),
      }),
    });
    const network = { use: "teacher", of: { use: "mlp" } };
    const cell = await createCell(await planned({ ...changes, network }, [asking(both), around]), 3);
    const generators = Object.keys(cell.parts).filter((place) => place.startsWith("random-network"));
    expect(new Set(generators)).toEqual(
      new Set([
        ...["random-network", "random-network:teacher", "random-network/teacher", "random-network/teacher:teacher"],
        ...["random-network/critic", "random-network/critic:teacher"],
      ]),
    );
    const saved = generators.map((place) => JSON.stringify(cell.parts[place].save())); // each drew once
    expect(new Set(saved).size).toBe(generators.length);
    const thetas = [cell.network, ...askedOf(cell)].map((one) => one?.theta);
    expect(new Set(thetas).size).toBe(3);
    expect(cell.parts).toHaveProperty("network/teacher/of");
    expect(cell.parts).toHaveProperty("network/of");
  });
});

describe("a learner is refused that asks for a network", () => {
  it.each<[string, Ask]>([
    [
      "twice",
      async ({ createNetwork }) => {
        await createNetwork("teacher");
        await createNetwork("teacher");
      },
    ],
    ["twice at once", ({ createNetwork }) => Promise.all([createNetwork("teacher"), createNetwork("teacher")])],
  ])("%s", async (_, ask) => {
    expect(await refused(ask)).toBe(
      'quick.json: learner "asking": There is a network "teacher" already; give each network a name of its own.',
    );
  });

  it.each(["of", "", "a/of", "Teacher", "a".repeat(65)])("by a name that is none: %j", async (name) => {
    expect(await refused(({ createNetwork }) => createNetwork(name))).toMatch(
      /^quick\.json: learner "asking": A network's name is 1 to 64 letters a-z, digits and hyphens, and not "of"; .+ is none\.$/,
    );
  });

  it("after its create", async () => {
    const { learner } = await createCell(await planOf(async () => []), 0);
    const { createNetwork } = learner as unknown as Given;
    await expect(createNetwork("teacher")).rejects.toThrow(
      new RangeError('The network "teacher" was asked for too late; a learner must ask for networks in its create.'),
    );
  });

  it("and does not wait for it, so that no checkpoint would hold it", async () => {
    const ask: Ask = async ({ createNetwork }) => void createNetwork("teacher");
    expect(await refused(ask)).toBe(
      'quick.json: learner "asking": its create does not wait for the network "teacher"; await it.',
    );
    expect(happened.filter((line) => line === "make mlp")).toHaveLength(2);
    expect(happened.filter((line) => line === "dispose mlp")).toHaveLength(2);
  });

  it("and fails while a chain is being made, of which nothing is left over", async () => {
    const pause = () => new Promise((done) => setTimeout(done, 5));
    const around = fake("network", "around", {
      needs: ["of"],
      create: (_: unknown, { of }: { of: object }) => pause().then(() => of),
    });
    const ask: Ask = async ({ createNetwork }) => {
      void createNetwork("teacher");
      throw new RangeError("No time.");
    };
    const network = { use: "around", of: { use: "mlp" } };
    expect(await refusal({ ...changes, network }, [asking(ask), around])).toBe(
      'quick.json: learner "asking": No time.',
    );
    await pause().then(pause).then(pause);
    for (const name of ["mlp", "around"])
      expect(happened.filter((line) => line === `dispose ${name}`)).toHaveLength(
        happened.filter((line) => line === `make ${name}`).length,
      );
    expect(happened).toContain("make around");
  });
});
