import { program } from "@everlearn/program";

export default program({
  name: "torch-er",
  description: "Experience replay with a network of PyTorch.",
  paper: "Chaudhry et al. 2019, On Tiny Episodic Memories in Continual Learning",
  command: ["python3", new URL("./torch_er.py", import.meta.url)],
  options: {
    alpha: { type: "number", exclusiveMinimum: 0, description: "The learning rate." },
    k: {
      type: "integer",
      minimum: 1,
      default: 11,
      description: "How many examples a step is on, the current one included.",
    },
    capacity: { type: "integer", minimum: 1, default: 200, description: "How many examples the memory holds." },
    hidden: { type: "integer", minimum: 1, default: 100, description: "Units in each of the two hidden layers." },
  },
});
