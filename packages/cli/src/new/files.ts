import { readFileSync } from "node:fs";
import type { Kind, Plugin } from "@everlearn/contracts";
import { devDependenciesOf, kit, requirementsOf } from "./dependencies.js";
import { scaffolds, shared } from "./scaffolds.js";

/** What a new plugin is called. */
export interface Draft {
  readonly kind: Kind;
  readonly name: string;
  /** The npm scope that it is to be published in, such as `@me`. */
  readonly scope?: string;
}

/** A package's files, by their names. */
export type Files = Readonly<Record<string, string>>;

// The templates are modules that run as they are; the compiler leaves them where they are.
const templateOf = (kind: Kind) => new URL(`../../src/new/templates/${kind}.js`, import.meta.url);

/** The plugin's own source. */
export function sourceOf({ kind, name }: Draft): string {
  const template = readFileSync(templateOf(kind), "utf8");
  return template.replaceAll("templateName", identifier(kind, name, template)).replaceAll("template-name", name);
}

export const packageOf = ({ kind, name, scope }: Draft): string =>
  `${scope ? `${scope}/` : ""}everlearn-${kind}-${name}`;

/** How a spec chooses the plugin. */
export const choiceOf = (kind: Kind, use: string): object => ({ use, ...scaffolds[kind].options });

/** The field of a spec in which a plugin of this kind is chosen, with one. */
export function fieldOf(kind: Kind, choice: object): string {
  const several = kind === "metric" || kind === "tracker";
  const listed = several || kind === "augmentation";
  return `"${several ? `${kind}s` : kind}": ${spaced(listed ? [choice] : choice)}`;
}

/** All files of the plugin's package in a folder. */
export async function filesOf(draft: Draft, folder: string): Promise<Files> {
  const { kind } = draft;
  const { default: plugin } = (await import(templateOf(kind).href)) as { default: Plugin };
  return {
    "index.js": `// @ts-check\n${sourceOf(draft)}`,
    "index.test.js": testOf(kind),
    "spec.json": page({ ...shared, ...scaffolds[kind].spec(choiceOf(kind, "./index.js"), draft.name) }),
    "README.md": readmeOf(draft, plugin),
    "package.json": json(manifestOf(draft, plugin, folder)),
    "tsconfig.json": json(tsconfigOf(kind)),
    ".gitignore": "index.d.ts\nnode_modules\nruns\n",
  };
}

function testOf(kind: Kind): string {
  const check = `check${kind[0].toUpperCase()}${kind.slice(1)}`;
  const { setup } = scaffolds[kind];
  const given = Object.keys(setup).length > 0 ? `plugin, ${literal(setup)}` : "plugin";
  return `import { test } from "node:test";
import { ${check} } from "${kit}";
import plugin from "./index.js";

test("does what ${article(kind)} ${kind} must do", () => ${check}(${given}));
`;
}

function manifestOf(draft: Draft, plugin: Plugin, folder: string): object {
  const { kind, name } = draft;
  return {
    name: packageOf(draft),
    version: "0.1.0",
    description: plugin.description,
    keywords: ["everlearn", "everlearn-plugin", `everlearn-${kind}`, "continual-learning"],
    type: "module",
    sideEffects: false,
    exports: { ".": { types: "./index.d.ts", default: "./index.js" }, "./package.json": "./package.json" },
    files: ["index.js", "index.d.ts"],
    // A package that passes its test can be packed: both write the types first.
    scripts: { types: "tsc", test: "npm run types && node --test", prepack: "npm run types" },
    everlearn: { kind, name },
    ...requirementsOf(kind),
    devDependencies: devDependenciesOf(kind, folder),
    publishConfig: { access: "public" },
  };
}

/** Types are written for every source, and checked in those that ask for it with `// @ts-check`. */
function tsconfigOf(kind: Kind): object {
  return {
    compilerOptions: {
      target: "es2023",
      lib: ["es2023"],
      module: "nodenext",
      types: scaffolds[kind].node ? ["node"] : [],
      strict: true,
      allowJs: true,
      declaration: true,
      emitDeclarationOnly: true,
      skipLibCheck: true,
    },
    files: ["index.js"],
  };
}

function readmeOf(draft: Draft, { description, options }: Plugin): string {
  const { kind, name } = draft;
  const full = packageOf(draft);
  const rows = Object.entries(options).map(([option, schema]) => {
    const value = schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
    return `| \`${option}\` | ${value} | ${schema.description} |\n`;
  });
  return `# ${full}

${description} ${article(kind) === "an" ? "An" : "A"} ${kind} for everlearn.

\`\`\`sh
npm install ${full}
\`\`\`

In a run's spec: \`${fieldOf(kind, choiceOf(kind, name))}\`.

| option | default | meaning |
| ------ | ------- | ------- |
${rows.join("")}
\`npx everlearn run spec.json\` runs it as it is here. \`npm test\` checks its types and holds it to what every ${kind} must do.
`;
}

/** A function's name for a plugin's: `two-words` → `twoWords`; with its kind where that alone means something already. */
function identifier(kind: Kind, name: string, template: string): string {
  const camel = (text: string) => text.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const alone = camel(name);
  const free = /^[a-z]/.test(alone) && !reserved.has(alone) && !new RegExp(`\\b${alone}\\b`).test(template);
  return free ? alone : camel(`${kind}-${name}`);
}

const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package " +
    "private protected public return static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);

const article = (kind: Kind): string => (kind === "optimizer" || kind === "augmentation" ? "an" : "a");
/** JSON as people write specs: a field a line, and of a list of runs each. */
function page(spec: object): string {
  const lines = Object.entries(spec).map(([field, value]: [string, unknown]) => {
    const runs = field === "runs" && `[\n${(value as object[]).map((run) => `    ${spaced(run)}`).join(",\n")}\n  ]`;
    return `  ${JSON.stringify(field)}: ${runs || spaced(value)}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}
const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
/** JSON on one line, as people write it. */
const spaced = (value: unknown): string =>
  JSON.stringify(value, null, 1).replaceAll(/\n\s*/g, " ").replaceAll("[ ", "[").replaceAll(" ]", "]");
/** The same as a literal of JavaScript. */
const literal = (value: unknown): string => spaced(value).replaceAll(/"(\w+)":/g, "$1:");
