// dtype_test.cpp - properties and names of the element types.
#include "runtime/dtypes/dtype.h"

#include <doctest/doctest.h>

#include <string>

using namespace inlay;

TEST_CASE("itemsize and kind agree with the C++ types") {
  for (int i = 0; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    CAPTURE(std::string(name(dtype)));
    visit(dtype, [&]<class T>(Type<T>) {
      CHECK(dtype_v<T> == dtype);
      CHECK(itemsize(dtype) == static_cast<int>(sizeof(T)));
    });
    visit_size(itemsize(dtype), [&]<class U>(Type<U>) { CHECK(static_cast<int>(sizeof(U)) == itemsize(dtype)); });
    if (i > 0) CHECK(kind(static_cast<DType>(i - 1)) <= kind(dtype));
  }
}

TEST_CASE("parts of complex numbers") {
  CHECK(real_dtype(DType::complex64) == DType::float32);
  CHECK(real_dtype(DType::complex128) == DType::float64);
  CHECK(real_dtype(DType::int8) == DType::int8);
  CHECK(real_dtype(DType::bfloat16) == DType::bfloat16);
}

TEST_CASE("every name finds its own dtype") {
  for (int i = 0; i < kDTypeCount; ++i) {
    DType found{};
    REQUIRE(find_dtype(name(static_cast<DType>(i)), found));
    CHECK(static_cast<int>(found) == i);
  }
}

TEST_CASE("NumPy's aliases") {
  struct Row {
    const char* alias;
    const char* dtype;
  };
  const Row rows[] = {
      {"?", "bool"},
      {"bool_", "bool"},
      {"b1", "bool"},
      {"b", "int8"},
      {"byte", "int8"},
      {"h", "int16"},
      {"short", "int16"},
      {"i", "int32"},
      {"intc", "int32"},
      {"<i4", "int32"},
      {"int", "int64"},
      {"int_", "int64"},
      {"intp", "int64"},
      {"long", "int64"},
      {"longlong", "int64"},
      {"l", "int64"},
      {"q", "int64"},
      {"=i8", "int64"},
      {"B", "uint8"},
      {"|u1", "uint8"},
      {"ubyte", "uint8"},
      {"H", "uint16"},
      {"I", "uint32"},
      {"uintc", "uint32"},
      {"uint", "uint64"},
      {"L", "uint64"},
      {"Q", "uint64"},
      {"ulonglong", "uint64"},
      {"e", "float16"},
      {"half", "float16"},
      {"f", "float32"},
      {"single", "float32"},
      {"<f4", "float32"},
      {"d", "float64"},
      {"float", "float64"},
      {"double", "float64"},
      {"f8", "float64"},
      {"F", "complex64"},
      {"c8", "complex64"},
      {"csingle", "complex64"},
      {"D", "complex128"},
      {"complex", "complex128"},
      {"cdouble", "complex128"},
      {"c16", "complex128"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.alias);
    DType found{};
    CHECK(find_dtype(row.alias, found));
    CHECK(name(found) == row.dtype);
  }
}

TEST_CASE("what NumPy does not know is not found") {
  for (const char* text : {"", "<", "float8", ">f4", "<float32", "=int", "f16", "Float64", " int8", "u", "object"}) {
    CAPTURE(text);
    DType found = DType::int8;
    CHECK_FALSE(find_dtype(text, found));
    CHECK(found == DType::int8);
  }
}
