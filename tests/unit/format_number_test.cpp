// format_number_test.cpp - numbers to text and back, against tables of what Python and NumPy print.
#include "interpreter/texts/format_number.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "interpreter/texts/quote.h"

using namespace inlay;

namespace {

struct DoubleRow {
  std::uint64_t bits;
  const char* text;
};
struct FloatRow {
  std::uint32_t bits;
  const char* text;
};
struct HalfRow {
  std::uint16_t bits;
  const char* text;
};
struct ComplexRow {
  std::uint64_t real, imaginary;
  const char* python;
  const char* numpy;
};

const DoubleRow kDoubles[] = {
#include "tests/data/double_repr.inc"
};
const FloatRow kFloats[] = {
#include "tests/data/float_repr.inc"
};
const HalfRow kHalves[] = {
#include "tests/data/half_repr.inc"
};
const ComplexRow kComplexes[] = {
#include "tests/data/complex_repr.inc"
};

double parsed(std::string_view text) {
  double value = 0;
  REQUIRE_MESSAGE(parse_float(text, value), text);
  return value;
}

}  // namespace

TEST_CASE("repr of a float64 is Python's and reads back to the same bits") {
  for (const auto& row : kDoubles) {
    const double value = std::bit_cast<double>(row.bits);
    CHECK(repr(value) == row.text);
    if (!std::isnan(value)) CHECK(std::bit_cast<std::uint64_t>(parsed(row.text)) == row.bits);
  }
}

TEST_CASE("repr of the narrower floats is NumPy's") {
  for (const auto& row : kFloats) CHECK(repr(std::bit_cast<float>(row.bits)) == row.text);
  for (const auto& row : kHalves) CHECK(repr(Half{row.bits}) == row.text);
}

TEST_CASE("repr of a bfloat16 has the shortest digits of its own precision") {
  CHECK(repr(BFloat16{0x3F80}) == "1.0");
  CHECK(repr(BFloat16{0x3DCD}) == "0.1");
  CHECK(repr(BFloat16{0x4049}) == "3.14");
  CHECK(repr(BFloat16{0x42C8}) == "1e+02");
  CHECK(repr(BFloat16{0x0001}) == "9e-41");
  CHECK(repr(BFloat16{0xFF80}) == "-inf");
}

TEST_CASE("repr of complex numbers") {
  for (const auto& row : kComplexes) {
    const complex128 value(std::bit_cast<double>(row.real), std::bit_cast<double>(row.imaginary));
    CHECK(repr(value) == row.python);
    CHECK(repr(complex64(static_cast<float>(value.real()), static_cast<float>(value.imag()))) == row.numpy);
    complex128 back;
    REQUIRE(parse_complex(row.python, back));
    CHECK(repr(back) == row.python);
  }
}

TEST_CASE("parse_float accepts what float() accepts") {
  CHECK(parsed(" 1_0.5_5e1_0\n") == 1.055e11);
  CHECK(parsed("5.") == 5);
  CHECK(parsed(".5") == 0.5);
  CHECK(parsed("+1e400") == std::numeric_limits<double>::infinity());
  CHECK(parsed("-1e-400") == 0);
  CHECK(std::signbit(parsed("-1e-400")));
  CHECK(parsed("1e99999999999999999999") == std::numeric_limits<double>::infinity());
  CHECK(parsed("0e99999999999999999999") == 0);
  CHECK(parsed("-Infinity") == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(parsed("NaN")));
  double value = 0;
  for (const char* bad :
       {"", " ", ".", "+", "+-3", "._5", "1_", "_1", "1__0", "1e", "0x10", "1.5.2", "1 2", "e5", "infi", "nan(0)"})
    CHECK_MESSAGE(!parse_float(bad, value), bad);
}

TEST_CASE("parse_int accepts what int() accepts") {
  struct Row {
    const char* text;
    int base;
    ParseResult result;
    std::int64_t value;
  };
  constexpr auto ok = ParseResult::ok;
  constexpr auto invalid = ParseResult::invalid;
  const Row rows[] = {{" 12_3 ", 10, ok, 123},
                      {"-7", 10, ok, -7},
                      {"007", 10, ok, 7},
                      {"00", 0, ok, 0},
                      {"0_0", 0, ok, 0},
                      {"01", 0, invalid, 0},
                      {"0x_1f", 16, ok, 31},
                      {"0x1F", 0, ok, 31},
                      {"0b1", 2, ok, 1},
                      {"0b1", 16, ok, 177},
                      {"0o17", 0, ok, 15},
                      {"zz", 36, ok, 1295},
                      {"_1", 10, invalid, 0},
                      {"1_", 10, invalid, 0},
                      {"1__1", 10, invalid, 0},
                      {"", 10, invalid, 0},
                      {"1.0", 10, invalid, 0},
                      {"0x", 16, invalid, 0},
                      {"9223372036854775807", 10, ok, std::numeric_limits<std::int64_t>::max()},
                      {"-9223372036854775808", 10, ok, std::numeric_limits<std::int64_t>::min()},
                      {"9223372036854775808", 10, ParseResult::out_of_range, 0},
                      {"99999999999999999999999", 10, ParseResult::out_of_range, 0}};
  for (const Row& row : rows) {
    std::int64_t value = 0;
    CHECK_MESSAGE(parse_int(row.text, row.base, value) == row.result, row.text);
    if (row.result == ok) CHECK_MESSAGE(value == row.value, row.text);
  }
}

TEST_CASE("round_digits rounds the exact value, half to even") {
  struct Row {
    double value;
    std::int64_t digits;
    double rounded;
  };
  for (const Row& row : {Row{2.675, 2, 2.67}, Row{0.5, 0, 0}, Row{1.5, 0, 2}, Row{2.5, 0, 2}, Row{25, -1, 20},
                         Row{15, -1, 20}, Row{5, -1, 0}, Row{7, -1, 10}, Row{1.5, 400, 1.5}, Row{9.99e307, -307, 1e308},
                         Row{1e23, -22, 1e23}, Row{1234.5678, 2, 1234.57}, Row{0.04, 1, 0}, Row{0.06, 1, 0.1}})
    CHECK(round_digits(row.value, row.digits) == row.rounded);
  CHECK(std::signbit(round_digits(-0.4, 0)));
  CHECK_THROWS_WITH(round_digits(1.7e308, -308), "rounded value too large to represent");
}

TEST_CASE("quote is Python's repr of a str") {
  CHECK(quote("") == "''");
  CHECK(quote("it's") == "\"it's\"");
  CHECK(quote("a'b\"c") == "'a\\'b\"c'");
  CHECK(quote("\n\t\r\\\x01\x7f") == "'\\n\\t\\r\\\\\\x01\\x7f'");
  CHECK(quote("h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80") == "'h\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80'");
  CHECK(quote("\xC2\xA0\xE2\x80\x8B\xF3\xA0\x80\x81") == "'\\xa0\\u200b\\U000e0001'");
  CHECK(quote("\xFFx") == "'\\xffx'");
}

TEST_CASE("text is counted, indexed and sliced by code points") {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  CHECK(utf8_length(text) == 5);
  CHECK(utf8_at(text, 1) == "\xC3\xA9");
  CHECK(utf8_at(text, 3) == "\xF0\x9F\x98\x80");
  CHECK(utf8_offset(text, 9) == text.size());
  CHECK(utf8_slice(text, 1, 2, 2) == "\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(utf8_slice(text, 4, -2, 3) ==
        "z\xE2\x82\xAC"
        "a");
  CHECK(utf8_length("\xE2\x82") == 2);
  for (const char32_t code : {U'a', U'\u00e9', U'\u20ac', U'\U0001F600'}) CHECK(utf8_decode(utf8_encode(code)) == code);
}

TEST_CASE("floats of thousands of digits are read as exactly as short ones") {
  const std::string zeros(5000, '0'), nines(5000, '9');
  const double infinity = std::numeric_limits<double>::infinity();
  const std::pair<std::string, double> rows[] = {
      {"1" + zeros + "e-5000", 1},
      {"0." + zeros + "25e5002", 25},
      {zeros + "12.5", 12.5},
      {"9007199254740993." + zeros, 9007199254740992},
      {"9007199254740993." + zeros + "1", 9007199254740994},
      {"9007199254740993" + zeros + "1e-5001", 9007199254740994},
      {"1e" + zeros + "2", 100},
      {"1e" + nines, infinity},
      {"1e-" + nines, 0},
      {"0e" + nines, 0},
      {"1" + zeros, infinity},
      {"0." + zeros + "1", 0},
      {zeros + "." + zeros, 0},
  };
  for (const auto& [text, wanted] : rows) {
    double got = -1;
    CHECK_MESSAGE(parse_float(text, got), text.substr(0, 20));
    CHECK_MESSAGE(got == wanted, text.substr(0, 20) << " gives " << got);
  }
  double ignored = 0;
  for (const std::string& text : {".e" + nines, "1.2.3" + zeros, "1" + zeros + "e", "1" + zeros + "e+", zeros + "x",
                                  "1e" + zeros + "x", "1_" + zeros + "_", "." + std::string(5000, '.')})
    CHECK_FALSE(parse_float(text, ignored));
}

TEST_CASE("the end of a text tells its last character") {
  CHECK(utf8_last_size("a") == 1);
  CHECK(utf8_last_size("a\xC3\xA9") == 2);
  CHECK(utf8_last_size("\xE2\x82\xAC") == 3);
  CHECK(utf8_last_size("\xF0\x9F\x98\x80") == 4);
  CHECK(utf8_last_size("\xE2\x82") == 1);
  CHECK(utf8_last_size("\xC3\xA9\xA9") == 1);
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xE2\x82z";
  for (std::size_t at = 0; at <= utf8_length(text); ++at)
    CHECK(utf8_offset_from_end(text, utf8_length(text) - at) == utf8_offset(text, at));
  CHECK(utf8_offset_from_end(text, 100) == 0);
}
