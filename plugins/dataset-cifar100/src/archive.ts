import type { RecordArchive } from "@everlearn/downloads";

const coarse = `aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices
household_furniture insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes
large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people reptiles small_mammals trees
vehicles_1 vehicles_2`;

const fine = `apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster
man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`;

/** CIFAR-100's binary version as its authors publish it. The files' sums are those of RAI's `dldataset`, which unpacks it. */
export const archive: RecordArchive = {
  name: "cifar100",
  title: "CIFAR-100",
  mirrors: ["https://www.cs.toronto.edu/~kriz/"],
  file: "cifar-100-binary.tar.gz",
  md5: "03b5dce01913d631647c71ecec9e9cb8",
  limit: 256 * 2 ** 20,
  folder: "cifar-100-binary",
  train: [{ name: "train.bin", md5: "6172c7755cfe09b2fe270c85cebc1b15" }],
  test: [{ name: "test.bin", md5: "4499cfba6c016c1be1438163640a0898" }],
  others: {
    "cifar-100-python.tar.gz": "the version for Python",
    "cifar-100-python": "the version for Python, unpacked",
    "cifar-100-matlab.tar.gz": "the version for Matlab",
  },
  shape: [32, 32, 3],
  labels: [
    { name: "coarse", classNames: coarse.split(/\s/) },
    { name: "fine", classNames: fine.split(/\s/) },
  ],
};
