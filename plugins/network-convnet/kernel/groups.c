// Grouped convolutions that are not depthwise: computed as a convolution over all channels, whose weights between different
// groups are zeros.

/** How a group's weights lie in θ, [ky · kx][in of a group][out], and how many channels a pixel holds on both sides. */
typedef struct {
  uint32_t taps, groups, in, out, inChannels, outChannels;
} Groups;

/** The weights over all channels, [ky · kx][in][out], from those of the groups; or back, adding up. */
#define EACH_WEIGHT(g)                                                                                                 \
  for (uint32_t tap = 0; tap < (g)->taps; tap++)                                                                       \
    for (uint32_t i = 0; i < (g)->in; i++)                                                                             \
      for (uint32_t o = 0; o < (g)->out; o++)

INLINE uint32_t narrow(const Groups* g, uint32_t tap, uint32_t i, uint32_t o) {
  return (tap * g->in + i) * g->outChannels + o;
}
INLINE uint32_t wide(const Groups* g, uint32_t tap, uint32_t i, uint32_t o) {
  return (tap * g->inChannels + o / (g->out / g->groups) * g->in + i) * g->outChannels + o;
}

void EXPORT(spreadGroups)(address groups, address from, address to) {
  const Groups* g = AT(const Groups, groups);
  EACH_WEIGHT(g) AT(float, to)[wide(g, tap, i, o)] = AT(float, from)[narrow(g, tap, i, o)];
}
void EXPORT(gatherGroups)(address groups, address from, address to) {
  const Groups* g = AT(const Groups, groups);
  EACH_WEIGHT(g) AT(float, to)[narrow(g, tap, i, o)] += AT(float, from)[wide(g, tap, i, o)];
}
