// promote_test.cpp - promotion against tables printed by NumPy 2.4 (numpy.promote_types, numpy.can_cast,
// numpy.result_type).
#include "runtime/dtypes/promote.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

using namespace inlay;

namespace {

const std::vector<std::string> kNumpyTypes = {"bool",    "int8",    "int16",     "int32",     "int64",
                                              "uint8",   "uint16",  "uint32",    "uint64",    "float16",
                                              "float32", "float64", "complex64", "complex128"};

// ' '.join(promote_types(a, b).str[1:] for b in types) for each a, the upper triangle.
const char* const kPromoted[] = {
    "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16",
    "i1 i2 i4 i8 i2 i4 i8 f8 f2 f4 f8 c8 c16",
    "i2 i4 i8 i2 i4 i8 f8 f4 f4 f8 c8 c16",
    "i4 i8 i4 i4 i8 f8 f8 f8 f8 c16 c16",
    "i8 i8 i8 i8 f8 f8 f8 f8 c16 c16",
    "u1 u2 u4 u8 f2 f4 f8 c8 c16",
    "u2 u4 u8 f4 f4 f8 c8 c16",
    "u4 u8 f8 f8 f8 c16 c16",
    "u8 f8 f8 f8 c16 c16",
    "f2 f4 f8 c8 c16",
    "f4 f8 c8 c16",
    "f8 c16 c16",
    "c8 c16",
    "c16",
};

// int(can_cast(a, b)) for b in types, then the same with 'same_kind'.
const char* const kCastable[][2] = {
    {"11111111111111", "11111111111111"}, {"01111000011111", "01111000011111"}, {"00111000001111", "01111000011111"},
    {"00011000000101", "01111000011111"}, {"00001000000101", "01111000011111"}, {"00111111111111", "01111111111111"},
    {"00011011101111", "01111111111111"}, {"00001001100101", "01111111111111"}, {"00000000100101", "01111111111111"},
    {"00000000011111", "00000000011111"}, {"00000000001111", "00000000011111"}, {"00000000000101", "00000000011111"},
    {"00000000000011", "00000000000011"}, {"00000000000001", "00000000000011"},
};

DType find(const std::string& text) {
  DType found{};
  REQUIRE(find_dtype(text, found));
  return found;
}

template <class... Operands>
std::string result_name(const Operands&... operands) {
  const Operand owned[] = {Operand(operands)...};
  std::vector<const Operand*> pointers;
  for (const Operand& operand : owned) pointers.push_back(&operand);
  return std::string(name(result_type(pointers)));
}

Tensor tensor(DType dtype) { return Tensor::zeros(dtype, {1}); }

}  // namespace

TEST_CASE("promotion of dtypes is NumPy's") {
  for (std::size_t a = 0; a < kNumpyTypes.size(); ++a) {
    std::istringstream row(kPromoted[a]);
    for (std::size_t b = a; b < kNumpyTypes.size(); ++b) {
      std::string expected;
      row >> expected;
      CAPTURE(kNumpyTypes[a]);
      CAPTURE(kNumpyTypes[b]);
      CHECK(name(promote(find(kNumpyTypes[a]), find(kNumpyTypes[b]))) == name(find(expected)));
    }
  }
}

TEST_CASE("promotion is symmetric and idempotent") {
  for (int a = 0; a < kDTypeCount; ++a) {
    for (int b = 0; b < kDTypeCount; ++b) {
      const DType both = promote(static_cast<DType>(a), static_cast<DType>(b));
      CHECK(both == promote(static_cast<DType>(b), static_cast<DType>(a)));
      CHECK(both == promote(both, static_cast<DType>(a)));
    }
  }
}

TEST_CASE("bfloat16 promotes by the bits that survive") {
  struct Row {
    DType other, expected;
  };
  const Row rows[] = {
      {DType::boolean, DType::bfloat16},      {DType::int8, DType::bfloat16},   {DType::uint8, DType::bfloat16},
      {DType::int16, DType::float32},         {DType::uint16, DType::float32},  {DType::int32, DType::float64},
      {DType::uint64, DType::float64},        {DType::float16, DType::float32}, {DType::bfloat16, DType::bfloat16},
      {DType::float32, DType::float32},       {DType::float64, DType::float64}, {DType::complex64, DType::complex64},
      {DType::complex128, DType::complex128},
  };
  for (const Row& row : rows) CHECK(name(promote(DType::bfloat16, row.other)) == name(row.expected));
  CHECK(promote(DType::bfloat16, Scalar::Kind::floating) == DType::bfloat16);
  CHECK(promote(DType::bfloat16, Scalar::Kind::complex) == DType::complex64);
  CHECK_FALSE(can_cast_safe(DType::bfloat16, DType::float16));
  CHECK(can_cast_same_kind(DType::bfloat16, DType::float16));
}

TEST_CASE("casting rules are NumPy's") {
  for (std::size_t a = 0; a < kNumpyTypes.size(); ++a) {
    for (std::size_t b = 0; b < kNumpyTypes.size(); ++b) {
      CAPTURE(kNumpyTypes[a]);
      CAPTURE(kNumpyTypes[b]);
      const DType from = find(kNumpyTypes[a]), to = find(kNumpyTypes[b]);
      CHECK(can_cast_safe(from, to) == (kCastable[a][0][b] == '1'));
      CHECK(can_cast_same_kind(from, to) == (kCastable[a][1][b] == '1'));
    }
  }
}

TEST_CASE("plain numbers are weak") {
  const auto t = Scalar::of(true), i = Scalar::of(std::int64_t{1}), f = Scalar::of(1.0),
             c = Scalar::of(complex128(0, 1));
  for (const std::string& text : kNumpyTypes) {
    CAPTURE(text);
    const DType dtype = find(text);
    const std::string complex =
        dtype == DType::complex64 || dtype == DType::float16 || dtype == DType::float32 ? "complex64" : "complex128";
    CHECK(result_name(tensor(dtype), t) == text);
    CHECK(result_name(tensor(dtype), i) == (dtype == DType::boolean ? "int64" : text));
    CHECK(result_name(f, tensor(dtype)) == (kind(dtype) < Kind::floating ? "float64" : text));
    CHECK(result_name(tensor(dtype), c) == complex);
  }
}

TEST_CASE("result types over several operands") {
  const auto i = Scalar::of(std::int64_t{1}), f = Scalar::of(1.0), c = Scalar::of(complex128(0, 1));
  CHECK(result_name(Scalar::of(true), i) == "int64");
  CHECK(result_name(Scalar::of(true), Scalar::of(false)) == "bool");
  CHECK(result_name(i, f) == "float64");
  CHECK(result_name(f, c, Scalar::of(true)) == "complex128");
  CHECK(result_name(Scalar::of_wide(Scalar::of(std::int64_t{1} << 62).integer * 2)) == "uint64");
  CHECK(result_name(tensor(DType::float16), f, c) == "complex64");
  CHECK(result_name(tensor(DType::boolean), i, f) == "float64");
  CHECK(result_name(f, tensor(DType::int8), tensor(DType::uint8)) == "float64");
  CHECK(result_name(i, tensor(DType::int8), tensor(DType::uint8)) == "int16");
  CHECK(result_name(i, tensor(DType::uint64), tensor(DType::int64)) == "float64");
  CHECK(result_name(tensor(DType::float32), Tensor::scalar(1.0)) == "float64");
}
