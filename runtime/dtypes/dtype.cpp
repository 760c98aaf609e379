// dtype.cpp - what is true of each element type, and the names it goes by.
// Invariant: one row of kRows per enumerator of DType, in its order (ORDER DTYPE).
#include "runtime/dtypes/dtype.h"

#include <iterator>

namespace inlay {
namespace {

struct Row {
  std::string_view name;
  std::uint8_t itemsize;
  Kind kind;
  DType real;
};

constexpr Row kRows[] = {
    // ORDER DTYPE
    {"bool", 1, Kind::boolean, DType::boolean},           {"int8", 1, Kind::signed_integer, DType::int8},
    {"int16", 2, Kind::signed_integer, DType::int16},     {"int32", 4, Kind::signed_integer, DType::int32},
    {"int64", 8, Kind::signed_integer, DType::int64},     {"uint8", 1, Kind::unsigned_integer, DType::uint8},
    {"uint16", 2, Kind::unsigned_integer, DType::uint16}, {"uint32", 4, Kind::unsigned_integer, DType::uint32},
    {"uint64", 8, Kind::unsigned_integer, DType::uint64}, {"float16", 2, Kind::floating, DType::float16},
    {"bfloat16", 2, Kind::floating, DType::bfloat16},     {"float32", 4, Kind::floating, DType::float32},
    {"float64", 8, Kind::floating, DType::float64},       {"complex64", 8, Kind::complex, DType::float32},
    {"complex128", 16, Kind::complex, DType::float64},
};
static_assert(std::size(kRows) == kDTypeCount);

const Row& row(DType dtype) { return kRows[static_cast<int>(dtype)]; }

struct Alias {
  std::string_view name;
  DType dtype;
};

/// NumPy's codes, which alone may carry a byte-order prefix: one letter, or a kind and a width.
constexpr Alias kCodes[] = {
    {"?", DType::boolean},    {"b1", DType::boolean},     {"b", DType::int8},      {"i1", DType::int8},
    {"h", DType::int16},      {"i2", DType::int16},       {"i", DType::int32},     {"i4", DType::int32},
    {"l", DType::int64},      {"q", DType::int64},        {"p", DType::int64},     {"n", DType::int64},
    {"i8", DType::int64},     {"B", DType::uint8},        {"u1", DType::uint8},    {"H", DType::uint16},
    {"u2", DType::uint16},    {"I", DType::uint32},       {"u4", DType::uint32},   {"L", DType::uint64},
    {"Q", DType::uint64},     {"P", DType::uint64},       {"N", DType::uint64},    {"u8", DType::uint64},
    {"e", DType::float16},    {"f2", DType::float16},     {"f", DType::float32},   {"f4", DType::float32},
    {"d", DType::float64},    {"f8", DType::float64},     {"F", DType::complex64}, {"c8", DType::complex64},
    {"D", DType::complex128}, {"c16", DType::complex128},
};

constexpr Alias kAliases[] = {
    {"bool_", DType::boolean},      {"byte", DType::int8},          {"short", DType::int16},
    {"intc", DType::int32},         {"int", DType::int64},          {"int_", DType::int64},
    {"intp", DType::int64},         {"long", DType::int64},         {"longlong", DType::int64},
    {"ubyte", DType::uint8},        {"ushort", DType::uint16},      {"uintc", DType::uint32},
    {"uint", DType::uint64},        {"uintp", DType::uint64},       {"ulong", DType::uint64},
    {"ulonglong", DType::uint64},   {"half", DType::float16},       {"single", DType::float32},
    {"double", DType::float64},     {"float", DType::float64},      {"csingle", DType::complex64},
    {"complex", DType::complex128}, {"cdouble", DType::complex128},
};

template <std::size_t N>
bool find_alias(const Alias (&aliases)[N], std::string_view name, DType& out) {
  for (const Alias& alias : aliases) {
    if (alias.name == name) return out = alias.dtype, true;
  }
  return false;
}

}  // namespace

int itemsize(DType dtype) { return row(dtype).itemsize; }
std::string_view name(DType dtype) { return row(dtype).name; }
Kind kind(DType dtype) { return row(dtype).kind; }
DType real_dtype(DType dtype) { return is_complex(dtype) ? row(dtype).real : dtype; }

bool find_dtype(std::string_view name, DType& out) {
  // Little-endian, native and "does not apply" all mean how elements are stored here.
  if (!name.empty() && std::string_view("<=|").find(name.front()) != std::string_view::npos) {
    return find_alias(kCodes, name.substr(1), out);
  }
  for (int i = 0; i < kDTypeCount; ++i) {
    if (kRows[i].name == name) return out = static_cast<DType>(i), true;
  }
  return find_alias(kAliases, name, out) || find_alias(kCodes, name, out);
}

}  // namespace inlay
