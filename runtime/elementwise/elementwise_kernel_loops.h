// elementwise_kernel_loops.h - how a function of one element becomes the loops of a row of kernels. Only kernel files
// include this.
// Knows nothing of tensors, shapes or promotion.
// Invariant: loops see contiguous rows of one type; the output is disjoint from an input or the very same row (hence
// ivdep). What is left over behind the vectors stays a loop (unroll 1): GCC otherwise writes up to 31 elements out one
// by one, which made half of the code and gained nothing.
//
// A functor F has `template <class T> static R apply(T…)`. It may further say
//   by_size     integers of one size share an unsigned loop (wrapping arithmetic, bits)
//   by_truth    every dtype is read as bools
//   by_wide     integers of 8 and 16 bits go through the loops of 32, block by block
//   own_halves  16-bit floats have loops of their own instead of going through float
//   Halves      the functor that serves 16-bit floats (otherwise this one does)
//   Boolean     the functor that bools use (otherwise they are unsigned bytes)
//   Same        the functor whose loops are this one's, too
//   by_call<T>  a call of libm per element of T is all there is: the baseline's loop serves every set
//   Mirror      the functor that is the same with the operands exchanged, whose loops serve both
//   rows        does whole rows of T by loops of its own
//   row_by      does a whole row by a scalar second operand, or returns false where apply is as good
//   block       the kernel for a block of doubles that serves rows of T, in place of loops of its own (block_rows.h)
//   with_right  a unary kernel that is better for this value of a scalar second operand, or null
#pragma once

#include <algorithm>
#include <string_view>
#include <type_traits>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/half.h"
#include "runtime/elementwise/block_rows.h"
#include "runtime/elementwise/elementwise_kernels.h"

namespace inlay {
inline namespace INLAY_TARGET {

/// A functor's row of elementwise.def.
template <class F>
struct RowOf;
#define ELEMENTWISE(name, arity_, loops_, rule_, check, cost, functor) \
  template <>                                                          \
  struct RowOf<kernels::functor> {                                     \
    static constexpr int arity = arity_;                               \
    static constexpr std::string_view loops = loops_;                  \
    static constexpr ResultRule rule = ResultRule::rule_;              \
  };
#include "runtime/elementwise/elementwise.def"
#undef ELEMENTWISE

template <class T>
inline constexpr bool is_narrow_v = std::is_integral_v<T> && !std::is_same_v<T, bool> && sizeof(T) <= 2;
/// Bases of functors that are by_call; see above.
struct ByCall {
  template <class T>
  static constexpr bool by_call = true;
};
struct ComplexByCall {
  template <class T>
  static constexpr bool by_call = is_complex_v<T>;
};
/// An unsigned type wide enough that C++ does not promote it to int, in which products could overflow.
template <class T>
using Wide = std::common_type_t<std::make_unsigned_t<T>, unsigned>;

template <class F, class T>
inline constexpr bool has_block_v = requires {
  F::template block<T>();
};

template <class F, class T>
struct UnaryLoops {
  using R = decltype(F::apply(T{}));

  static void v(const void* x, void* out, std::int64_t n) {
    const T* from = static_cast<const T*>(x);
    R* to = static_cast<R*>(out);
    if constexpr (has_block_v<F, T>) {
      block_rows<T>(F::template block<T>(), from, 1, nullptr, 0, to, n);
    } else if constexpr (requires { F::rows(from, to, n); }) {
      F::rows(from, to, n);
    } else {
#pragma GCC ivdep
#pragma GCC unroll 1
      for (std::int64_t i = 0; i < n; ++i) to[i] = F::apply(from[i]);
    }
  }
};

template <class F, class T, class U = T>
struct BinaryLoops {
  using R = decltype(F::apply(T{}, U{}));

  static void vv(const void* a, const void* b, void* out, std::int64_t n) {
    const T* x = static_cast<const T*>(a);
    const U* y = static_cast<const U*>(b);
    R* to = static_cast<R*>(out);
    if constexpr (has_block_v<F, T>) return block_rows(F::template block<T>(), x, 1, y, 1, to, n);
#pragma GCC ivdep
#pragma GCC unroll 1
    for (std::int64_t i = 0; i < n; ++i) to[i] = F::apply(x[i], y[i]);
  }
  static void vs(const void* a, const void* b, void* out, std::int64_t n) {
    const T* x = static_cast<const T*>(a);
    const U y = *static_cast<const U*>(b);
    if constexpr (requires { F::with_right(y); }) {
      if (const UnaryKernel better = F::with_right(y)) return better(a, out, n);
    }
    R* to = static_cast<R*>(out);
    if constexpr (requires { F::row_by(x, y, to, n); }) {
      if (F::row_by(x, y, to, n)) return;
    }
    if constexpr (has_block_v<F, T>) return block_rows(F::template block<T>(), x, 1, &y, 0, to, n);
#pragma GCC ivdep
#pragma GCC unroll 1
    for (std::int64_t i = 0; i < n; ++i) to[i] = F::apply(x[i], y);
  }
  static void sv(const void* a, const void* b, void* out, std::int64_t n) {
    const T x = *static_cast<const T*>(a);
    const U* y = static_cast<const U*>(b);
    R* to = static_cast<R*>(out);
    if constexpr (has_block_v<F, T>) return block_rows(F::template block<T>(), &x, 0, y, 1, to, n);
#pragma GCC ivdep
#pragma GCC unroll 1
    for (std::int64_t i = 0; i < n; ++i) to[i] = F::apply(x, y[i]);
  }
};

/// The type of 32 bits whose loops serve a narrow integer.
template <class T>
using WideLoop = std::conditional_t<std::is_signed_v<T>, std::int32_t, std::uint32_t>;

/// target_cast_kernel() of kernel_set.h.
CastKernel target_cast_kernel(DType from, DType to);

/// A kernel of 32 bits for rows of narrow integers, of steps in bytes; of one element the step is 0.
struct WideRows {
  BinaryKernel kernel;
  CastKernel widen, narrow;

  template <class T>
  static WideRows of(BinaryKernel kernel) {
    constexpr DType dtype = dtype_v<T>, wide = dtype_v<WideLoop<T>>;
    return {kernel, target_cast_kernel(dtype, wide), target_cast_kernel(wide, dtype)};
  }
  [[gnu::noinline, gnu::noclone]] void operator()(const void* a, int a_step, const void* b, int b_step, void* out,
                                                  int step, std::int64_t n) const {
    constexpr std::int64_t kTogether = 256;
    alignas(64) std::uint32_t x[kTogether], y[kTogether];
    std::uint32_t* const result = a_step != 0 ? x : y;
    for (std::int64_t at = 0; at < n; at += kTogether) {
      const std::int64_t count = std::min(kTogether, n - at);
      widen(static_cast<const std::byte*>(a) + at * a_step, x, a_step != 0 ? count : 1);
      widen(static_cast<const std::byte*>(b) + at * b_step, y, b_step != 0 ? count : 1);
      kernel(x, y, result, count);
      narrow(result, static_cast<std::byte*>(out) + at * step, count);
    }
  }
};

/// The loops of a functor that is by_wide.
template <class F, class T>
struct NarrowLoops {
  using Loops = BinaryLoops<F, WideLoop<T>>;
  static constexpr int kStep = sizeof(T);

  static void vv(const void* a, const void* b, void* out, std::int64_t n) {
    WideRows::of<T>(Loops::vv)(a, kStep, b, kStep, out, kStep, n);
  }
  static void vs(const void* a, const void* b, void* out, std::int64_t n) {
    if (!F::row_by(static_cast<const T*>(a), *static_cast<const T*>(b), static_cast<T*>(out), n))
      WideRows::of<T>(Loops::vs)(a, kStep, b, 0, out, kStep, n);
  }
  static void sv(const void* a, const void* b, void* out, std::int64_t n) {
    WideRows::of<T>(Loops::sv)(a, 0, b, kStep, out, kStep, n);
  }
};

namespace kernel_table {

template <class T>
constexpr bool has_loop(std::string_view loops) {
  const auto has = [&](char c) { return loops.find(c) != std::string_view::npos; };
  if (std::is_same_v<T, bool>) return has('?');
  if (std::is_integral_v<T>) return has('i');
  if (is_half_v<T>) return has('e');
  if (std::is_same_v<T, float>) return has('f');
  if (std::is_same_v<T, double>) return has('d');
  return has(std::is_same_v<T, complex64> ? 'F' : 'D');
}

/// The C++ type whose loop serves elements of type T.
template <class F, class T>
constexpr auto loop_type() {
  if constexpr (std::is_same_v<T, bool> || requires { F::by_truth; })
    return Type<std::uint8_t>{};
  else if constexpr (is_half_v<T> && !requires { F::own_halves; })
    return Type<float>{};
  else if constexpr (std::is_integral_v<T> && requires { F::by_size; })
    return Type<std::make_unsigned_t<T>>{};
  else
    return Type<T>{};
}

/// The dtype that this loop reads for elements of type T.
template <class F, class T, class L>
constexpr DType loaded() {
  if (requires { F::by_truth; }) return DType::boolean;
  return is_half_v<T> && !is_half_v<L> ? dtype_v<L> : dtype_v<T>;
}

template <class T>
constexpr DType stored(ResultRule rule, DType load) {
  if (rule == ResultRule::predicate) return DType::boolean;
  if (rule == ResultRule::count) return DType::uint8;
  if (rule == ResultRule::magnitude && is_complex_v<T>) {
    return std::is_same_v<T, complex64> ? DType::float32 : DType::float64;
  }
  return load;
}

template <class F, class L>
constexpr void add_loops(KernelRow& row, int arity) {
  row.has_loop = true;
  if constexpr (requires { typename F::Same; }) {
    add_loops<typename F::Same, L>(row, arity);
  } else if constexpr (requires { F::apply(L{}); }) {
    if (arity == 1) row.v = UnaryLoops<F, L>::v;
  } else if constexpr (requires { typename F::Mirror; }) {
    add_loops<typename F::Mirror, L>(row, arity);
    row.mirrored = true;
  } else {
    constexpr bool is_widened = is_narrow_v<L> && requires { F::by_wide; };
    using Loops = typename std::conditional_t<is_widened, Type<NarrowLoops<F, L>>, Type<BinaryLoops<F, L>>>::type;
    row.vv = Loops::vv;
    row.vs = Loops::vs;
    row.sv = Loops::sv;
  }
}

/// Whether another set than the baseline would gain nothing by loops of its own.
template <class F, class L>
constexpr bool is_left_to_baseline() {
  if constexpr (requires { F::template by_call<L>; })
    return !INLAY_IS_BASELINE && F::template by_call<L>;
  else
    return false;
}

template <class F, class T>
constexpr KernelRow make_row() {
  KernelRow row;
  if constexpr (has_loop<T>(RowOf<F>::loops)) {
    using L = typename decltype(loop_type<F, T>())::type;
    if constexpr (is_left_to_baseline<F, L>()) {
      return row;
    } else if constexpr (std::is_same_v<T, bool> && requires { typename F::Boolean; }) {
      add_loops<typename F::Boolean, L>(row, RowOf<F>::arity);
    } else if constexpr (is_half_v<T> && requires { typename F::Halves; }) {
      add_loops<typename F::Halves, L>(row, RowOf<F>::arity);
    } else {
      add_loops<F, L>(row, RowOf<F>::arity);
    }
    row.load[0] = row.load[1] = loaded<F, T, L>();
    row.store = stored<T>(RowOf<F>::rule, row.load[0]);
  }
  return row;
}

}  // namespace kernel_table

template <class F>
const KernelRows& kernel_rows() {
  using kernel_table::make_row;
  static constexpr KernelRows rows = {
      make_row<F, bool>(),          make_row<F, std::int8_t>(),   make_row<F, std::int16_t>(),
      make_row<F, std::int32_t>(),  make_row<F, std::int64_t>(),  make_row<F, std::uint8_t>(),
      make_row<F, std::uint16_t>(), make_row<F, std::uint32_t>(), make_row<F, std::uint64_t>(),
      make_row<F, Half>(),          make_row<F, BFloat16>(),      make_row<F, float>(),
      make_row<F, double>(),        make_row<F, complex64>(),     make_row<F, complex128>()};
  return rows;
}

}  // namespace INLAY_TARGET
}  // namespace inlay
