/** The version of the protocol. It changes where an older learner would misunderstand a frame. */
export const PROTOCOL = 1;
