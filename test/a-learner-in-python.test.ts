import { expect, it } from "vitest";
import { hasPython } from "../packages/program/test/python.js";
import { follow } from "./follow.js";

it.skipIf(!hasPython)("What the page on a learner in Python says is so", async () => {
  expect(await follow("docs/a-learner-in-python.md")).toEqual(["npm install everlearn @everlearn/program"]);
});
