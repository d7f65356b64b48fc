import type { RecordArchive } from "@everlearn/downloads";

const folder = "cifar-10-batches-bin";

/** CIFAR-10's binary version as its authors publish it. */
export const archive: RecordArchive = {
  name: "cifar10",
  title: "CIFAR-10",
  mirrors: ["https://www.cs.toronto.edu/~kriz/"],
  file: "cifar-10-binary.tar.gz",
  md5: "c32a1d4ab5d03f1284b67883e8d87530",
  limit: 256 * 2 ** 20,
  train: [1, 2, 3, 4, 5].map((batch) => `${folder}/data_batch_${batch}.bin`),
  test: [`${folder}/test_batch.bin`],
  shape: [32, 32, 3],
  labels: [{ name: "class", classes: 10 }],
};
