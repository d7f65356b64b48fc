// Loads and stores of four float32.

INLINE f4 load4(const float* p) {
  return *(const f4*)p;
}
INLINE void store4(float* p, f4 v) {
  *(f4*)p = v;
}
