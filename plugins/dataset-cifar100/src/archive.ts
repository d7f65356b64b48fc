import type { RecordArchive } from "@everlearn/downloads";

const folder = "cifar-100-binary";

/** CIFAR-100's binary version as its authors publish it. */
export const archive: RecordArchive = {
  name: "cifar100",
  title: "CIFAR-100",
  mirrors: ["https://www.cs.toronto.edu/~kriz/"],
  file: "cifar-100-binary.tar.gz",
  md5: "03b5dce01913d631647c71ecec9e9cb8",
  limit: 256 * 2 ** 20,
  train: [`${folder}/train.bin`],
  test: [`${folder}/test.bin`],
  shape: [32, 32, 3],
  labels: [
    { name: "coarse", classes: 20 },
    { name: "fine", classes: 100 },
  ],
};
