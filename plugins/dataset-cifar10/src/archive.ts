import type { RecordArchive } from "@everlearn/downloads";

/** CIFAR-10's binary version as its authors publish it. The files' sums are those that everybody finds in their archive. */
export const archive: RecordArchive = {
  name: "cifar10",
  title: "CIFAR-10",
  mirrors: ["https://www.cs.toronto.edu/~kriz/"],
  file: "cifar-10-binary.tar.gz",
  md5: "c32a1d4ab5d03f1284b67883e8d87530",
  limit: 256 * 2 ** 20,
  folder: "cifar-10-batches-bin",
  train: [
    { name: "data_batch_1.bin", md5: "5dd7e06a14cb22eb9f671a540d1b7c25" },
    { name: "data_batch_2.bin", md5: "5ea93a67294ea407fff1d09f752e9692" },
    { name: "data_batch_3.bin", md5: "942cd6a4bcdd0dd3c604fbe906cb4421" },
    { name: "data_batch_4.bin", md5: "ae636b3ba5c66a11e91e8cb52e771fcb" },
    { name: "data_batch_5.bin", md5: "53f37980c15c3d472c316c40844f3f0d" },
  ],
  test: [{ name: "test_batch.bin", md5: "803d5f7f4d78ea53de84dbe85f74fb6d" }],
  others: {
    "cifar-10-python.tar.gz": "the version for Python",
    "cifar-10-batches-py": "the version for Python, unpacked",
    "cifar-10-matlab.tar.gz": "the version for Matlab",
  },
  shape: [32, 32, 3],
  labels: [
    {
      name: "class",
      classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    },
  ],
};
