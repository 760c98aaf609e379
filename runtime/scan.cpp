// scan.cpp - cumsum and cumprod.
// Invariant: a line of up to kPart elements is combined strictly from first to last. A longer one is cut into parts of
// kPart elements, each of 8 pieces: pieces are scanned by themselves, and what stands before each is added at once: how
// a line is cut depends on its length alone, so bits do not depend on threads. Cases: lines side by side -> row by row
// | many lines -> shared out among threads | one long line -> its parts are | 16-bit floats -> never cut.
#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

#include "runtime/cast.h"
#include "runtime/half.h"
#include "runtime/order.h"
#include "runtime/parallel.h"
#include "runtime/reduce.h"
#include "runtime/shape_ops.h"

namespace inlay {
namespace {

constexpr std::int64_t kTile = 512;   // lines side by side that one unit of work takes
constexpr std::int64_t kPieces = 8;   // independent chains of additions, which hide their latency
constexpr std::int64_t kPiece = 520;  // elements: a part stays in L1; of a power of two, pieces would share one set
constexpr std::int64_t kPart = kPieces * kPiece;
constexpr std::int64_t kPartsPerTurn = 8;  // next to each other, for one thread

inline Half rounded_as(Half, float x) { return to_half(x); }
inline BFloat16 rounded_as(BFloat16, float x) { return to_bfloat16(x); }

template <class T>
constexpr bool is_half_v = std::same_as<T, Half> || std::same_as<T, BFloat16>;

/// Integers wrap; booleans combine by or and and; 16-bit floats are rounded at each step.
template <bool product, class T>
T combine(T a, T b) {
  if constexpr (std::same_as<T, bool>) {
    return product ? a && b : a || b;
  } else if constexpr (is_half_v<T>) {
    return rounded_as(a, product ? to_float(a) * to_float(b) : to_float(a) + to_float(b));
  } else if constexpr (std::is_integral_v<T>) {
    const auto p = static_cast<std::uint64_t>(a), q = static_cast<std::uint64_t>(b);
    return static_cast<T>(product ? p * q : p + q);
  } else if constexpr (is_complex_v<T> && product) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  } else {
    return product ? a * b : a + b;
  }
}

/// Puts `before` in front of n elements that are scanned already.
template <bool product, class T>
void put_before(T before, T* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = combine<product>(before, x[i]);
}

/// Scans kPart elements, piece by piece.
template <bool product, class T>
void scan_part(T* x) {
  T acc[kPieces];
  for (std::int64_t piece = 0; piece < kPieces; ++piece) acc[piece] = x[piece * kPiece];
  for (std::int64_t i = 1; i < kPiece; ++i)
    for (std::int64_t piece = 0; piece < kPieces; ++piece) {
      T& at = x[piece * kPiece + i];
      at = acc[piece] = combine<product>(acc[piece], at);
    }
  for (std::int64_t piece = 1; piece < kPieces; ++piece)
    put_before<product>(x[piece * kPiece - 1], x + piece * kPiece, kPiece);
}

template <bool product, class T>
void scan_in_order(T* x, std::int64_t n) {
  T acc = x[0];
  for (std::int64_t i = 1; i < n; ++i) x[i] = acc = combine<product>(acc, x[i]);
}

/// Scans part number `part` of a line by itself; all but the last are full.
template <bool product, class T>
void scan_part_of(T* line, std::int64_t n, std::int64_t part) {
  const std::int64_t at = part * kPart, left = n - at;
  left >= kPart ? scan_part<product>(line + at) : scan_in_order<product>(line + at, left);
}

/// 16-bit floats from first to last whatever the length: their order can be seen.
template <bool product, class T>
void scan_halves(T* line, std::int64_t n) {
  for (std::int64_t at = 1; at < n && !is_stopping(); at += kPart)
    for (std::int64_t i = at; i < std::min(at + kPart, n); ++i) line[i] = combine<product>(line[i - 1], line[i]);
}

/// What stands before a part is added while it is still in the cache.
template <bool product, class T>
void scan_line(T* line, std::int64_t n) {
  if constexpr (is_half_v<T>) return scan_halves<product>(line, n);
  // Integers do not wait for each other as sums of floats do, and their order cannot be seen.
  if (n <= kPart || std::is_integral_v<T>) return scan_in_order<product>(line, n);
  for (std::int64_t at = 0; at < n; at += kPart) {
    scan_part_of<product>(line, n, at / kPart);
    if (at > 0) put_before<product>(line[at - 1], line + at, std::min(kPart, n - at));
  }
}

/// The same bits with all threads: the last elements of the parts are scanned in between.
template <bool product, class T>
void scan_line_shared(T* line, std::int64_t n) {
  const std::int64_t parts = (n + kPart - 1) / kPart;
  parallel_for(parts, kPartsPerTurn, n, [=](std::int64_t begin, std::int64_t end) {
    for (; begin < end; ++begin) scan_part_of<product>(line, n, begin);
  });
  const auto before = std::make_unique<T[]>(static_cast<std::size_t>(parts));
  for (std::int64_t part = 1; part < parts; ++part) {
    const T last = line[part * kPart - 1];
    before[part] = part == 1 ? last : combine<product>(before[part - 1], last);
  }
  parallel_for(parts - 1, kPartsPerTurn, n, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin + 1; part <= end; ++part)
      put_before<product>(before[part], line + part * kPart, std::min(kPart, n - part * kPart));
  });
}

/// `width` lines side by side, `n` steps of `step` elements.
template <bool product, class T>
void scan_lines(T* line, std::int64_t n, std::int64_t step, std::int64_t width) {
  if (step == 1) return scan_line<product>(line, n);
  for (std::int64_t i = 1; i < n; ++i) {
    const T* __restrict previous = line + (i - 1) * step;
    T* __restrict current = line + i * step;
    for (std::int64_t column = 0; column < width; ++column)
      current[column] = combine<product>(previous[column], current[column]);
  }
}

/// Calls f(first element, n, step, width) for `width` lines side by side at a time, on all threads.
template <class F>
void for_each_tile(const Tensor& x, int axis, F f) {
  std::int64_t inner = 1, n = x.dim(axis);
  for (std::size_t i = axis + 1; i < x.rank(); ++i) inner *= x.dim(i);
  const std::int64_t outer = x.size() / (n * inner), tiles = (inner + kTile - 1) / kTile,
                     width = std::min(inner, kTile);
  parallel_for(outer * tiles, std::max<std::int64_t>(1, kParallelBlock / (n * width)), x.size(),
               [&](std::int64_t begin, std::int64_t end) {
                 for (; begin < end; ++begin) {
                   const std::int64_t column = begin % tiles * kTile;
                   f(begin / tiles * n * inner + column, n, inner, std::min(kTile, inner - column));
                 }
               });
}

/// Whether a tensor is one line that is worth sharing out.
bool is_shared_line(const Tensor& x, int axis) {
  return x.size() == x.dim(axis) && x.size() >= kParallelThreshold && context().threads > 1;
}

template <bool product, class T>
void scan_tensor(Tensor& x, int axis) {
  T* data = x.mutable_data<T>();
  if (!is_half_v<T> && is_shared_line(x, axis)) return scan_line_shared<product>(data, x.size());
  for_each_tile(x, axis, [=](std::int64_t at, std::int64_t n, std::int64_t step, std::int64_t width) {
    scan_lines<product>(data + at, n, step, width);
  });
}

/// Lines of integers, widened on the way.
template <bool product, class In, class Out>
void scan_widening(const In* in, Out* out, std::int64_t n, std::int64_t step, std::int64_t width) {
  if (step == 1) {
    Out acc = out[0] = static_cast<Out>(in[0]);
    for (std::int64_t i = 1; i < n; ++i) out[i] = acc = combine<product>(acc, static_cast<Out>(in[i]));
    return;
  }
  for (std::int64_t column = 0; column < width; ++column) out[column] = static_cast<Out>(in[column]);
  for (std::int64_t i = 1; i < n; ++i) {
    const Out* __restrict previous = out + (i - 1) * step;
    Out* __restrict current = out + i * step;
    for (std::int64_t column = 0; column < width; ++column)
      current[column] = combine<product>(previous[column], static_cast<Out>(in[i * step + column]));
  }
}

/// The scan of integers in the type they widen to, without a copy of them in it.
template <bool product>
Tensor scan_integers(const Tensor& x, int axis) {
  const Tensor from = x.contiguous();
  Tensor out = Tensor::empty(kind(x.dtype()) == Kind::unsigned_integer ? DType::uint64 : DType::int64, x.shape());
  visit(x.dtype(), [&]<class In>(Type<In>) {
    if constexpr (std::is_integral_v<In>) {
      using Out = std::conditional_t<std::is_unsigned_v<In> && !std::same_as<In, bool>, std::uint64_t, std::int64_t>;
      const In* in = from.data<In>();
      Out* to = out.mutable_data<Out>();
      for_each_tile(from, axis, [=](std::int64_t at, std::int64_t n, std::int64_t step, std::int64_t width) {
        scan_widening<product>(in + at, to + at, n, step, width);
      });
    }
  });
  return out;
}

DType scan_dtype(DType in) {
  switch (kind(in)) {
    case Kind::boolean:
    case Kind::signed_integer:
      return DType::int64;
    case Kind::unsigned_integer:
      return DType::uint64;
    default:
      return in;
  }
}

/// A row-major copy of x in `dtype` that nobody else holds.
Tensor fresh(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x.copy();
  Tensor out = cast(x, dtype);
  return out.unique() && out.is_contiguous() ? out : out.copy();
}

}  // namespace

Tensor scan(ReduceOp op, const Tensor& x, std::optional<int> axis, std::optional<DType> dtype) {
  const DType result = dtype.value_or(scan_dtype(x.dtype()));
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const bool one_axis = axis && x.rank() > 0;
  const Tensor in = one_axis ? x : ravel(x);
  const int along = one_axis ? *axis : 0;
  const bool widens = kind(x.dtype()) < Kind::floating && result == scan_dtype(x.dtype());
  if (widens && x.size() > 0 && !is_shared_line(in, along))
    return op == ReduceOp::prod ? scan_integers<true>(in, along) : scan_integers<false>(in, along);
  Tensor out = fresh(in, result);
  if (out.size() > 0)
    visit(out.dtype(), [&]<class T>(Type<T>) {
      op == ReduceOp::prod ? scan_tensor<true, T>(out, along) : scan_tensor<false, T>(out, along);
    });
  return out;
}

}  // namespace inlay
