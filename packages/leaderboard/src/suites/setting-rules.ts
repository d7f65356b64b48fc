import type { Protocol } from "@everlearn/records";
import { canonical, mostCommon } from "./canonical.js";
import { type Conditioned, type Conditions, conditionsOf, type Part, partOf } from "./conditions.js";
import type { SuiteDefinition } from "./definition.js";

/** The rules of a suite: its organiser's or, where they are not at hand, those that most receipts agree on. */
export interface SuiteRules {
  readonly protocol: Protocol;
  /** The organiser's definition; null: the rules are the receipts' own word. */
  readonly definition: SuiteDefinition | null;
  /** The rules of a setting; undefined where the suite has none of this name. */
  setting(name: string | null): SettingRules | undefined;
}

/** The conditions of a setting: what a run must share to be compared in it. */
export interface SettingRules {
  readonly usual: Conditions;
  /** Conditions that the suite itself grants to a learner. */
  readonly exceptions: readonly { readonly learner: Part | null; readonly conditions: Conditions }[];
  /** The scenarios that differ from the usual one by their options only, such as whether they tell tasks. */
  readonly scenarios: readonly (Part | null)[];
  /** Examples in every buffer; null where the setting does not say. */
  readonly capacity: number | null;
  /** The official seeds; null where nobody says. */
  readonly seeds: readonly number[] | null;
}

type Ruled = Conditioned & { readonly weight: number; readonly seeds: readonly number[] | null };

/** The rules as the organiser's file states them. */
export function definedRules(definition: SuiteDefinition): SuiteRules {
  const runs = definition.runs.map((run): Ruled => ({ ...run, weight: 1, seeds: run.spec.seeds }));
  const { protocol } = definition;
  return { protocol, definition, setting: settingsOf(runs, protocol, true) };
}

/** The rules that most receipts agree on: a run counts as often as it has receipts. */
export function agreedRules(runs: readonly (Conditioned & { readonly cells: readonly unknown[] })[]): SuiteRules {
  const ruled = runs.map((run): Ruled => ({ ...run, weight: run.cells.length, seeds: null }));
  const protocol = mostCommon(
    runs.map(({ spec }) => spec.protocol ?? {}),
    ruled.map(({ weight }) => weight),
  );
  return { protocol, definition: null, setting: settingsOf(ruled, protocol, false) };
}

function settingsOf(runs: readonly Ruled[], protocol: Protocol, official: boolean): SuiteRules["setting"] {
  const known = new Map<string | null, SettingRules | undefined>();
  return (name) => {
    if (!known.has(name)) {
      const members = runs.filter(({ spec }) => settingNames(spec).includes(name));
      known.set(name, members.length === 0 ? undefined : rulesOf(members, protocol, official));
    }
    return known.get(name);
  };
}

/** The settings in which a run takes part; null: its suite has none. */
export function settingNames({ settings }: Conditioned["spec"]): readonly (string | null)[] {
  return settings === undefined || settings.length === 0 ? [null] : settings;
}

function rulesOf(members: readonly Ruled[], protocol: Protocol, official: boolean): SettingRules {
  const each = members.map((run) => ({ run, conditions: conditionsOf(run) }));
  const weights = members.map(({ weight }) => weight);
  const usual = official
    ? mostCommon(each.map(({ conditions }) => conditions))
    : eachMostCommon(
        each.map(({ conditions }) => conditions),
        members,
      );
  const others = official ? each.filter(({ conditions }) => canonical(conditions) !== canonical(usual)) : [];
  const scenarios = each
    .map(({ conditions }) => conditions.scenario)
    .filter((scenario) => scenario?.use === usual.scenario?.use && scenario?.package === usual.scenario?.package);
  return {
    usual: { ...usual, checksum: official ? (protocol.checksum ?? usual.checksum) : usual.checksum },
    exceptions: others.map(({ run, conditions }) => ({
      learner: partOf(run, "learner", run.spec.learner),
      conditions: { ...conditions, checksum: protocol.checksum ?? conditions.checksum },
    })),
    scenarios,
    capacity: capacityOf(members, official),
    seeds: official
      ? mostCommon(
          members.map(({ seeds }) => seeds),
          weights,
        )
      : null,
  };
}

/** Field by field what most receipts have; of networks what most have that have one. */
function eachMostCommon(all: readonly Conditions[], members: readonly Ruled[]): Conditions {
  const most = <F extends keyof Conditions>(field: F): Conditions[F] => {
    const ruling = all.flatMap((conditions, i) =>
      (field === "network" || field === "optimizer") && conditions.network === null
        ? []
        : [{ value: conditions[field], weight: members[i].weight }],
    );
    if (ruling.length === 0) return all[0][field];
    return mostCommon(
      ruling.map(({ value }) => value),
      ruling.map(({ weight }) => weight),
    );
  };
  return {
    dataset: most("dataset"),
    stream: most("stream"),
    scenario: most("scenario"),
    network: most("network"),
    optimizer: most("optimizer"),
    augmentation: most("augmentation"),
    batchSize: most("batchSize"),
    evaluation: most("evaluation"),
    checksum: most("checksum"),
  };
}

/** The capacity that all buffers of a suite's setting share, or most buffers of receipts. */
function capacityOf(members: readonly Ruled[], official: boolean): number | null {
  const buffered = members.flatMap(({ spec, weight }) =>
    typeof spec.buffer?.capacity === "number" ? [{ capacity: spec.buffer.capacity, weight }] : [],
  );
  if (buffered.length === 0 || (!official && buffered.length === 1)) return null;
  const common = mostCommon(
    buffered.map(({ capacity }) => capacity),
    buffered.map(({ weight }) => weight),
  );
  const sum = (of: typeof buffered) => of.reduce((total, { weight }) => total + weight, 0);
  const share = sum(buffered.filter(({ capacity }) => capacity === common)) / sum(buffered);
  return share === 1 || (!official && share > 0.5) ? common : null;
}
