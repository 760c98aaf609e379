// fused_kernels.cpp - see fused_kernels.h. Each expression of fused.def becomes one loop per dtype, which takes rows
// and single elements alike: what is single is written out for a tile, and its pointer stays where it is. Vectors are
// the compiler's own (vector_size), as wide as the target's registers.
#include "runtime/elementwise/fused_kernels.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "runtime/kernels/vector_bytes.h"

namespace inlay {
inline namespace INLAY_TARGET {
namespace {

/// What a kernel does to elements, and to vectors of them.
template <Fused which>
struct Work;

#define FUSED(name, count, dtypes_, expression)                                                \
  template <>                                                                                  \
  struct Work<Fused::name> {                                                                   \
    static constexpr std::size_t operands = count;                                             \
    static constexpr std::string_view dtypes = dtypes_;                                        \
    template <class V>                                                                         \
    [[gnu::always_inline]] static V of(const V (&in)[count]) {                                 \
      [[maybe_unused]] const V &a = in[0], &b = in[1], &c = in[2], &d = in[count > 3 ? 3 : 0], \
                               &e = in[count > 4 ? 4 : 0], &f = in[count > 5 ? 5 : 0];         \
      return expression;                                                                       \
    }                                                                                          \
  };
#define OPERANDS_none 4
#define OPERANDS_both 6
#define OPERANDS_any 6
#define PAIR(name, first, second, place, dtypes, expression) FUSED(name, 3, dtypes, expression)
#define CHOICE(name, first, join, second, dtypes, expression) FUSED(name, OPERANDS_##join, dtypes, expression)
#define COMPARISON(op, same, exchanged)
#include "runtime/elementwise/fused.def"
#undef PAIR
#undef CHOICE

constexpr int kVectors = 2;  // of a tile

/// An operand on its way through the tiles.
template <class T>
struct Elements {
  const T* at;
  std::int64_t step;  // from tile to tile
};

template <class T>
[[gnu::always_inline]] inline Elements<T> elements(const SelectSide& operand, T* room, int tile) {
  const T* from = reinterpret_cast<const T*>(operand.data);
  if (!operand.scalar) return {from, tile};
  const T single = *from;
  for (int i = 0; i < tile; ++i) room[i] = single;
  return {room, 0};
}

template <class V, class T>
[[gnu::always_inline]] inline V load(const T* from) {
  V out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

template <Fused which, class V, class T, class... Operands>
[[gnu::always_inline]] inline void compute(T* to, int at, const Operands&... operands) {
  const V result = Work<which>::of({load<V>(operands.at + at)...});
  std::memcpy(to + at, &result, sizeof result);
}

template <Fused which, class T, class... Operands>
[[gnu::always_inline]] inline void run_tiles(T* to, std::int64_t n, Operands... operands) {
  typedef T Vector __attribute__((vector_size(kVectorBytes)));
  constexpr int width = kVectorBytes / static_cast<int>(sizeof(T)), tile = kVectors * width;
#pragma GCC unroll 1
  for (; n >= tile; n -= tile, to += tile) {
#pragma GCC unroll 8
    for (int at = 0; at < tile; at += width) compute<which, Vector>(to, at, operands...);
    ((operands.at += operands.step), ...);
  }
  int at = 0;
#pragma GCC unroll 1
  for (; at + width <= n; at += width) compute<which, Vector>(to, at, operands...);
#pragma GCC unroll 1
  for (; at < n; ++at) {
    compute<which, T>(to, at, operands...);
    asm volatile("");  // no vectors of another length: they would be most of the code
  }
}

template <Fused which, class T, std::size_t... At>
void run(const SelectSide* operands, std::byte* to, std::int64_t n) {
  constexpr int tile = kVectors * kVectorBytes / static_cast<int>(sizeof(T));
  alignas(64) T rooms[sizeof...(At)][tile];
  run_tiles<which>(reinterpret_cast<T*>(to), n, elements(operands[At], rooms[At], tile)...);
}

template <Fused which, class T>
constexpr FusedKernel kernel_of() {
  return []<std::size_t... At>(std::index_sequence<At...>)->FusedKernel { return run<which, T, At...>; }
  (std::make_index_sequence<Work<which>::operands>());
}

struct Kernels {
  FusedKernel int32 = nullptr, int64 = nullptr, float32 = nullptr, float64 = nullptr;
};

template <Fused which>
constexpr Kernels kernels_of() {
  constexpr auto has = [](char dtype) { return Work<which>::dtypes.find(dtype) != std::string_view::npos; };
  Kernels out;
  if constexpr (has('i')) out.int32 = kernel_of<which, std::int32_t>();
  if constexpr (has('l')) out.int64 = kernel_of<which, std::int64_t>();
  if constexpr (has('f')) out.float32 = kernel_of<which, float>();
  if constexpr (has('d')) out.float64 = kernel_of<which, double>();
  return out;
}

constexpr Kernels kKernels[] = {
#define PAIR(name, first, second, place, dtypes, expression) kernels_of<Fused::name>(),
#define CHOICE(name, first, join, second, dtypes, expression) kernels_of<Fused::name>(),
#include "runtime/elementwise/fused.def"
#undef PAIR
#undef CHOICE
#undef COMPARISON
};

}  // namespace

FusedKernel target_fused_kernel(Fused which, DType dtype) {
  const Kernels& kernels = kKernels[static_cast<int>(which)];
  switch (dtype) {
    case DType::int32:
      return kernels.int32;
    case DType::int64:
      return kernels.int64;
    case DType::float32:
      return kernels.float32;
    case DType::float64:
      return kernels.float64;
    default:
      return nullptr;
  }
}

}  // namespace INLAY_TARGET
}  // namespace inlay
