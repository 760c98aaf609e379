// truth_kernels.cpp - see truth_kernels.h. Rows are counted 64 bytes at a time; side by side, columns are added up in
// bytes, as many rows as a byte can count.
#include "runtime/reductions/truth_kernels.h"

#include <algorithm>
#include <cstring>

#include "runtime/indexing/compress_kernels.h"

namespace inlay {
namespace {

using Byte = std::uint8_t;

const Byte* bytes_of(const std::byte* in) { return reinterpret_cast<const Byte*>(in); }

std::int64_t count_true(const std::byte* in, std::int64_t n) { return mask_table().count(bytes_of(in), n); }

// ---- how many -------------------------------------------------------------------------------------------------------

void count_row(const std::byte* in, std::int64_t n, std::int64_t, std::byte* acc) {
  const std::int64_t count = count_true(in, n);
  std::memcpy(acc, &count, sizeof count);
}

/// Adds up to 255 rows of a few columns.
void add_counts(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t width, std::int64_t* acc) {
  constexpr std::int64_t kColumns = 256;
  Byte counts[kColumns];
  for (std::int64_t column = 0; column < width; column += kColumns) {
    const std::int64_t few = std::min(kColumns, width - column);
    std::fill_n(counts, few, Byte{0});
    for (std::int64_t r = 0; r < n; ++r) {
      const Byte* const row = bytes_of(in + r * row_stride) + column;
      for (std::int64_t at = 0; at < few; ++at) counts[at] = static_cast<Byte>(counts[at] + (row[at] != 0));
    }
    for (std::int64_t at = 0; at < few; ++at) acc[column + at] += counts[at];
  }
}

void count_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t, std::int64_t width,
                   std::byte* acc) {
  constexpr std::int64_t kMost = 255;
  auto* const counts = reinterpret_cast<std::int64_t*>(acc);
  std::fill_n(counts, width, 0);
  for (std::int64_t r = 0; r < n; r += kMost)
    add_counts(in + r * row_stride, row_stride, std::min(kMost, n - r), width, counts);
}

void add(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* const counts = reinterpret_cast<std::int64_t*>(acc);
  const auto* const more = reinterpret_cast<const std::int64_t*>(later);
  for (std::int64_t at = 0; at < width; ++at) counts[at] += more[at];
}

// ---- any, all -------------------------------------------------------------------------------------------------------

template <bool all>
Byte join(Byte a, bool b) {
  return all ? a & Byte{b} : a | Byte{b};
}

template <bool all>
void truth_row(const std::byte* in, std::int64_t n, std::int64_t, std::byte* acc) {
  const std::int64_t count = count_true(in, n);
  *acc = std::byte{all ? count == n : count != 0};
}

template <bool all>
void join_row(std::byte* acc, const std::byte* later, std::int64_t width) {
  auto* const out = reinterpret_cast<Byte*>(acc);
  const Byte* const in = bytes_of(later);
  for (std::int64_t at = 0; at < width; ++at) out[at] = join<all>(out[at], in[at] != 0);
}

template <bool all>
void truth_columns(const std::byte* in, std::int64_t row_stride, std::int64_t n, std::int64_t, std::int64_t width,
                   std::byte* acc) {
  std::fill_n(acc, width, std::byte{all});
  for (std::int64_t r = 0; r < n; ++r) join_row<all>(acc, in + r * row_stride, width);
}

template <bool all>
constexpr ReduceKernels kTruth{1, DType::boolean, truth_row<all>, truth_columns<all>, join_row<all>};
constexpr ReduceKernels kCount{sizeof(std::int64_t), DType::boolean, count_row, count_columns, add};

}  // namespace

const ReduceKernels& truth_kernels(ReduceOp op) {
  if (op == ReduceOp::count) return kCount;
  return op == ReduceOp::all ? kTruth<true> : kTruth<false>;
}

}  // namespace inlay
