// format_spec_test.cpp - format(value, spec) against a table of what Python answers, results and errors.
#include "interpreter/texts/format_spec.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "runtime/memory/error.h"

using namespace inlay;

namespace {

struct IntRow {
  std::int64_t value;
  const char* spec;
  const char* text;
  const char* error;
};
struct FloatRow {
  std::uint64_t bits;
  const char* spec;
  const char* text;
  const char* error;
};
struct ComplexRow {
  std::uint64_t real, imaginary;
  const char* spec;
  const char* text;
  const char* error;
};
struct BoolRow {
  bool value;
  const char* spec;
  const char* text;
  const char* error;
};
struct StrRow {
  const char* value;
  const char* spec;
  const char* text;
  const char* error;
};

const IntRow kInts[] = {
#include "tests/data/format_int.inc"
};
const FloatRow kFloats[] = {
#include "tests/data/format_float.inc"
};
const ComplexRow kComplexes[] = {
#include "tests/data/format_complex.inc"
};
const BoolRow kBools[] = {
#include "tests/data/format_bool.inc"
};
const StrRow kStrs[] = {
#include "tests/data/format_str.inc"
};

template <class Value, class Row>
void check(const Value& value, const Row& row) {
  CAPTURE(value);
  CAPTURE(row.spec);
  try {
    const std::string text = format(value, row.spec);
    CHECK(text == (row.text != nullptr ? row.text : std::string("error: ") + row.error));
  } catch (const Error& error) {
    CHECK(error.message() == (row.error != nullptr ? row.error : std::string("text: ") + row.text));
  }
}

}  // namespace

TEST_CASE("format of int") {
  for (const auto& row : kInts) check(row.value, row);
}
TEST_CASE("format of float") {
  for (const auto& row : kFloats) check(std::bit_cast<double>(row.bits), row);
}
TEST_CASE("format of bool") {
  for (const auto& row : kBools) check(row.value, row);
}
TEST_CASE("format of str") {
  for (const auto& row : kStrs) check(std::string_view(row.value), row);
}
TEST_CASE("format of complex") {
  for (const auto& row : kComplexes)
    check(complex128(std::bit_cast<double>(row.real), std::bit_cast<double>(row.imaginary)), row);
}

TEST_CASE("format keeps uint64 exact and refuses characters beyond Unicode") {
  CHECK(format(std::uint64_t{18446744073709551615u}, ",") == "18,446,744,073,709,551,615");
  CHECK_THROWS_WITH(format(std::int64_t{1114112}, "c"), "%c arg not in range(0x110000)");
}

TEST_CASE("absurd widths are errors") {
  for (const char* spec :
       {"9999999999999", "09999999999999,", ".2147483647f", "x^9999999999999.1f", ".16777217f", "020000000,"})
    CHECK_THROWS_WITH(format(1.5, spec), "the formatted text would be too long");
}
