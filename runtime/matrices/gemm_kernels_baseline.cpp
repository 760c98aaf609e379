// gemm_kernels_baseline.cpp - tiles of matrix products for any processor; see gemm_tile.h.
// Invariant: vectors of 16 bytes by the compiler's own extension, which it turns into whatever the target has.
#include <cstring>

namespace inlay {
namespace {

constexpr int kRows = 4;

template <class T>
struct Vectors {
  typedef T type __attribute__((vector_size(16)));
  static type all(T x) { return x - type{}; }
  static type load(const T* from) {
    type x;
    std::memcpy(&x, from, sizeof x);
    return x;
  }
  static void store(T* to, type x) { std::memcpy(to, &x, sizeof x); }
  static type load_first(const T* from, int count) {
    type x{};
    for (int at = 0; at < count; ++at) x[at] = from[at];
    return x;
  }
  static void store_first(T* to, type x, int count) {
    for (int at = 0; at < count; ++at) to[at] = x[at];
  }
  static type add(type a, type b) { return a + b; }
  static type multiply_add(type a, type b, type c) { return a * b + c; }
};

}  // namespace
}  // namespace inlay

#define GEMM_SET baseline
#include "runtime/matrices/gemm_tile.h"
