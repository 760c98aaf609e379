// scan.cpp - cumsum and cumprod.
// Integers are scanned in 64 bits, and cut off where fewer are asked for, which is the same.
// Invariant: a line of up to kPart elements is combined strictly from first to last. A longer one is cut into parts of
// kPart elements, each of 8 pieces: pieces are scanned by themselves, and what stands before each is added at once: how
// a line is cut depends on its length alone, so bits do not depend on threads. Cases: lines side by side -> row by row
// | many lines -> shared out among threads | one long line -> its parts are | 16-bit floats -> never cut.
#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>

#include "runtime/dtypes/cast.h"
#include "runtime/dtypes/half.h"
#include "runtime/dtypes/order.h"
#include "runtime/dtypes/promote.h"
#include "runtime/reductions/reduce.h"
#include "runtime/tensors/shape_ops.h"
#include "runtime/threads/parallel.h"

namespace inlay {
namespace {

constexpr std::int64_t kTile = 512;   // lines side by side that one unit of work takes
constexpr std::int64_t kPieces = 8;   // independent chains of additions, which hide their latency
constexpr std::int64_t kPiece = 520;  // elements: a part stays in L1; of a power of two, pieces would share one set
constexpr std::int64_t kPart = kPieces * kPiece;
constexpr std::int64_t kPartsPerTurn = 8;  // next to each other, for one thread

inline Half rounded_as(Half, float x) { return to_half(x); }
inline BFloat16 rounded_as(BFloat16, float x) { return to_bfloat16(x); }

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

/// One step of `width` lines side by side; `in` may be `out`.
template <bool product, class T>
void scan_row(const T* __restrict previous, const T* in, T* out, std::int64_t width) {
#pragma GCC ivdep
  for (std::int64_t column = 0; column < width; ++column) out[column] = combine<product>(previous[column], in[column]);
}

/// A number of lines of n elements. step 1: one behind the other. Otherwise side by side, with `step` elements from one
/// of a line to the next.
struct Lines {
  std::int64_t first, n, step, count;
};

template <bool product, class T>
void scan_lines(T* data, const Lines& lines) {
  T* line = data + lines.first;
  if (lines.step == 1) {
    for (std::int64_t i = 0; i < lines.count; ++i) scan_line<product>(line + i * lines.n, lines.n);
  } else {
    for (T* end = line + lines.n * lines.step; (line += lines.step) < end;)
      scan_row<product>(line - lines.step, line, line, lines.count);
  }
}

/// Calls f(Lines) for lines next to each other, on all threads.
template <class F>
void for_each_tile(const Tensor& x, int axis, F f) {
  std::int64_t inner = 1, n = x.dim(axis);
  for (std::size_t i = axis + 1; i < x.rank(); ++i) inner *= x.dim(i);
  const std::int64_t outer = x.size() / (n * inner), tiles = (inner + kTile - 1) / kTile,
                     width = std::min(inner, kTile);
  parallel_for(outer * tiles, std::max<std::int64_t>(1, kParallelBlock / (n * width)), x.size(),
               [&](std::int64_t begin, std::int64_t end) {
                 if (inner == 1) return f(Lines{begin * n, n, 1, end - begin});
                 for (; begin < end; ++begin) {
                   const std::int64_t column = begin % tiles * kTile;
                   f(Lines{begin / tiles * n * inner + column, n, inner, std::min(kTile, inner - column)});
                 }
               });
}

/// A row-major copy of x in `dtype` that nobody else holds.
Tensor fresh(const Tensor& x, DType dtype) {
  if (x.dtype() == dtype) return x.copy();
  Tensor out = cast(x, dtype);
  return out.unique() && out.is_contiguous() ? out : out.copy();
}

/// Whether a tensor is one line that is worth sharing out.
bool is_shared_line(const Tensor& x, int axis) {
  return x.size() == x.dim(axis) && x.size() >= kParallelThreshold && context().threads > 1;
}

template <bool product, class T>
void scan_tensor(Tensor& x, int axis) {
  T* data = x.mutable_data<T>();
  if (!is_half_v<T> && is_shared_line(x, axis)) return scan_line_shared<product>(data, x.size());
  for_each_tile(x, axis, [=](const Lines& lines) { scan_lines<product>(data, lines); });
}

/// What scans integers: with and without a sign, the bits are the same.
using Wide = std::uint64_t;

/// Where integers come from that are scanned in 64 bits. None: they have these already, and are read where they are.
struct Widening {
  const std::byte* from;
  int itemsize;
  CastKernel convert;

  /// n elements, no more than kTile, from number `begin` on.
  const Wide* at(std::int64_t begin, std::int64_t n, Wide* room) const {
    if (convert == nullptr) return reinterpret_cast<const Wide*>(from) + begin;
    convert(from + begin * itemsize, room, n);
    return room;
  }
};

/// Scans `in` behind what stands before it in its line; returns the last.
template <bool product>
Wide scan_behind(Wide before, const Wide* in, Wide* out, std::int64_t n) {
#pragma GCC unroll 4
  for (std::int64_t i = 0; i < n; ++i) out[i] = before = combine<product>(before, in[i]);
  return before;
}

template <bool product>
constexpr Wide kNothing = product ? 1 : 0;

/// Lines one behind the other, tile by tile.
template <bool product>
void scan_long_lines(const Widening& elements, const Lines& lines, Wide* out) {
  Wide room[kTile];
  for (std::int64_t line = lines.first; line < lines.first + lines.count * lines.n; line += lines.n) {
    Wide before = kNothing<product>;
    for (std::int64_t at = 0; at < lines.n; at += kTile) {
      const std::int64_t tile = std::min(kTile, lines.n - at);
      before = scan_behind<product>(before, elements.at(line + at, tile, room), out + line + at, tile);
    }
  }
}

/// The same for several lines a tile.
template <bool product>
void scan_short_lines(const Widening& elements, const Lines& lines, Wide* out) {
  Wide room[kTile];
  const std::int64_t n = lines.n, several = kTile / n * n, end = lines.first + lines.count * n;
  for (std::int64_t at = lines.first; at < end; at += several) {
    const std::int64_t tile = std::min(several, end - at);
    const Wide* in = elements.at(at, tile, room);
    for (std::int64_t i = 0; i < tile; i += n) scan_behind<product>(kNothing<product>, in + i, out + at + i, n);
  }
}

template <bool product>
void scan_widened(const Widening& elements, const Lines& lines, Wide* out) {
  if (lines.step == 1 && lines.n > kTile) return scan_long_lines<product>(elements, lines, out);
  if (lines.step == 1) return scan_short_lines<product>(elements, lines, out);
  Wide room[kTile];
  for (std::int64_t i = 0, at = lines.first; i < lines.n; ++i, at += lines.step) {
    const Wide* in = elements.at(at, lines.count, room);
    if (i == 0)
      std::copy_n(in, lines.count, out + at);
    else
      scan_row<product>(out + at - lines.step, in, out + at, lines.count);
  }
}

/// The scan of integers and truth in 64 bits.
template <bool product>
Tensor scan_integers(const Tensor& x, int axis, DType wide) {
  if (is_shared_line(x, axis)) {
    Tensor out = fresh(x, wide);
    scan_line_shared<product>(out.mutable_data<Wide>(), out.size());
    return out;
  }
  const Tensor from = x.contiguous();
  Tensor out = Tensor::empty(wide, x.shape());
  const Widening elements = {from.bytes(), from.itemsize(),
                             is_integer(x.dtype()) && x.itemsize() == 8 ? nullptr : cast_kernel(x.dtype(), wide)};
  Wide* to = out.mutable_data<Wide>();
  for_each_tile(from, axis, [=](const Lines& lines) { scan_widened<product>(elements, lines, to); });
  return out;
}

}  // namespace

Tensor scan(ReduceOp op, const Tensor& x, std::optional<int> axis, std::optional<DType> dtype) {
  const DType result = dtype.value_or(sum_dtype(x.dtype()));
  context().charge(static_cast<std::uint64_t>(x.size()), 0);
  const bool one_axis = axis && x.rank() > 0;
  const Tensor in = one_axis ? x : ravel(x);
  const int along = one_axis ? *axis : 0;
  const bool is_product = op == ReduceOp::prod;
  if (in.size() > 0 && is_integer(result)) {
    const Tensor whole = kind(x.dtype()) < Kind::floating ? in : cast(in, result);
    const DType wide = sum_dtype(result);
    return cast(is_product ? scan_integers<true>(whole, along, wide) : scan_integers<false>(whole, along, wide),
                result);
  }
  Tensor out = fresh(in, result);
  if (out.size() > 0)
    visit(out.dtype(), [&]<class T>(Type<T>) {
      if constexpr (!std::is_integral_v<T> || std::same_as<T, bool>)
        is_product ? scan_tensor<true, T>(out, along) : scan_tensor<false, T>(out, along);
    });
  return out;
}

}  // namespace inlay
