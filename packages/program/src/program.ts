import { fileURLToPath } from "node:url";
import {
  contractVersion,
  type Example,
  type Learner,
  type Need,
  type OptionsSchema,
  type Plugin,
  type Query,
  type State,
} from "@everlearn/contracts";
import { openChannel } from "./channel.js";
import { createPacker } from "./examples.js";
import type { Frame } from "./frame.js";
import { PROTOCOL } from "./protocol.js";

/** What a learner that is a program may need: it brings its own network and memory. */
export type ProgramNeed = Extract<Need, "taskLabels" | "testTaskLabels" | "boundaries">;

/** A learner that is a program, and how it is started. */
export interface ProgramDescription<S extends OptionsSchema> {
  readonly name: string;
  readonly description: string;
  readonly paper?: string;
  /**
   * The program and its arguments. Its own files are URLs, such as `new URL("./er.py", import.meta.url)`: by them their
   * content becomes part of the learner's identity.
   */
  readonly command: readonly (string | URL)[];
  /** Further files that it reads, as URLs, so that their content is part of the identity too. */
  readonly files?: readonly URL[];
  readonly options: S;
  readonly needs?: readonly ProgramNeed[];
  /** Seconds for which an answer is waited for (600). */
  readonly patience?: number;
}

/**
 * A learner plugin whose learner is a program in any language. It is started anew for each run, in the learner's own process, and asked over standard
 * input and output; what it writes to standard error can be read. All that it remembers must be in what it saves.
 */
export function program<const S extends OptionsSchema>(
  description: ProgramDescription<S>,
): Plugin<"learner", S, ProgramNeed> {
  const { command: written, files: _, patience = 600, needs = [], ...described } = description;
  const command = written.map((part) => (part instanceof URL ? fileURLToPath(part) : part));
  const plugin = {
    ...described,
    ...{ kind: "learner", contract: contractVersion, needs },
    create(options: object, { shape, inputs, outputs, random }: Given): Learner & { dispose(): void } {
      const channel = openChannel(command, patience);
      const ask = (header: Frame["header"], body?: Uint8Array): Frame => {
        const reply = channel.ask(header, body);
        const { type, error } = reply.header as { type: string; error?: { name?: string; message?: string } };
        if (error)
          throw new Error(`${described.name}: ${error.name ?? "Error"}: ${String(error.message).slice(0, 2000)}`);
        if (type !== "reply")
          throw new Error(`The program "${command.join(" ")}" answered "${type}" where a reply was due.`);
        return reply;
      };
      try {
        const seed = random.integer(2 ** 32);
        ask({ type: "start", protocol: PROTOCOL, seed, shape, inputs, outputs, options });
      } catch (error) {
        channel.close();
        throw error;
      }
      return { ...learnerOf(ask), dispose: () => channel.close() };
    },
  };
  return plugin as unknown as Plugin<"learner", S, ProgramNeed>;
}

interface Given {
  readonly shape: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  readonly random: { integer(bound: number): number };
}

function learnerOf(ask: (header: Frame["header"], body?: Uint8Array) => Frame): Learner {
  const pack = createPacker();
  return {
    observe(batch: readonly Example[]) {
      const { packed, body } = pack(batch);
      ask({ type: "train", sizes: [batch.length], ...packed }, body);
    },
    endTask() {
      ask({ type: "endTask" });
    },
    predict(queries: readonly Query[]) {
      if (queries.length === 0) return new Uint16Array();
      const { packed, body } = pack(queries);
      const { body: answers } = ask({ type: "answer", ...packed }, body);
      if (answers.length !== 2 * queries.length)
        throw new Error(`It answered ${answers.length / 2} of ${queries.length} queries; a uint16 is due for each.`);
      return new Uint16Array(answers.slice().buffer);
    },
    save: (): State => ask({ type: "save" }).body.slice(),
    load(state: State) {
      ask({ type: "load" }, state as Uint8Array);
    },
  };
}
