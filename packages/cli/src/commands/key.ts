import { writeFileSync } from "node:fs";
import { createKeys, fingerprintOf } from "@everlearn/records";
import { Failure } from "../failure.js";

/** `everlearn key new`: makes a key pair with which reports of verifications are signed. */
export function newKey(file: string): void {
  const { privateKey, publicKey } = createKeys();
  create(file, privateKey, 0o600);
  create(`${file}.pub`, publicKey, 0o644);
  process.stdout.write(
    `${file} is your private key: keep it to yourself, outside of results. ${file}.pub is for everybody; its fingerprint is ${fingerprintOf(publicKey)}.\n`,
  );
}

function create(file: string, content: string, mode: number): void {
  try {
    writeFileSync(file, content, { mode, flag: "wx" });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(
      code === "EEXIST"
        ? `${file} exists, and a key is never overwritten; choose another name.`
        : `${file} cannot be written (${code}).`,
    );
  }
}
