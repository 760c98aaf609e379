// reduce_test.cpp - reductions, arg reductions and scans against plain loops, in every layout, for any number of
// threads.
#include "runtime/reductions/reduce.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/elementwise/elementwise.h"
#include "runtime/reductions/squared_distances.h"
#include "runtime/tensors/layout.h"
#include "runtime/tensors/shape_ops.h"
#include "tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Tensor total(ReduceOp op, const Tensor& x, std::optional<DType> dtype = {}) {
  std::vector<int> axes(x.rank());
  std::iota(axes.begin(), axes.end(), 0);
  return reduce(op, x, axes, false, dtype);
}

Tensor along(ReduceOp op, const Tensor& x, std::vector<int> axes, bool keepdims = false) {
  return reduce(op, x, axes, keepdims);
}

/// Floats with many different exponents, so that every order of addition rounds differently.
Tensor rough(Shape shape) {
  Tensor out = Tensor::empty(DType::float32, std::move(shape));
  std::uint32_t state = 1;
  for (std::int64_t i = 0; i < out.size(); ++i) {
    state = state * 1664525 + 1013904223;
    out.mutable_data<float>()[i] = std::ldexp(static_cast<float>(state >> 8), -20 - static_cast<int>(state >> 28));
  }
  return out;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() &&
         std::memcmp(a.bytes(), b.bytes(), static_cast<std::size_t>(a.size() * a.itemsize())) == 0;
}

}  // namespace

TEST_CASE("dtypes of results are NumPy's") {
  struct Row {
    ReduceOp op;
    DType in, out;
  };
  const Row rows[] = {
      {ReduceOp::sum, DType::boolean, DType::int64},       {ReduceOp::sum, DType::int8, DType::int64},
      {ReduceOp::prod, DType::uint16, DType::uint64},      {ReduceOp::sum, DType::float16, DType::float16},
      {ReduceOp::sum, DType::complex64, DType::complex64}, {ReduceOp::mean, DType::int32, DType::float64},
      {ReduceOp::mean, DType::float16, DType::float16},    {ReduceOp::mean, DType::boolean, DType::float64},
      {ReduceOp::min, DType::uint8, DType::uint8},         {ReduceOp::max, DType::bfloat16, DType::bfloat16},
      {ReduceOp::all, DType::float64, DType::boolean},     {ReduceOp::any, DType::bfloat16, DType::boolean}};
  for (const Row& row : rows) CHECK(total(row.op, make(row.in, {3}, {1, 0, 1})).dtype() == row.out);
  CHECK(total(ReduceOp::sum, ints({2}, {200, 100}), DType::uint8).item<std::uint8_t>() == 44);
  CHECK(total(ReduceOp::sum, ints({2}, {2, 3}), DType::boolean).item<bool>());
}

TEST_CASE("any set of axes, kept or dropped") {
  const Tensor x = iota({2, 3, 4});
  CHECK(values(along(ReduceOp::sum, x, {0, 2})) == Values{60, 92, 124});
  CHECK(values(along(ReduceOp::max, x, {1})) == Values{8, 9, 10, 11, 20, 21, 22, 23});
  CHECK(along(ReduceOp::sum, x, {1}, true).shape() == Shape{2, 1, 4});
  CHECK(along(ReduceOp::sum, x, {0, 1, 2}, true).shape() == Shape{1, 1, 1});
  CHECK(values(along(ReduceOp::sum, x, {})) == values(x));
  CHECK(total(ReduceOp::mean, x).item<double>() == 11.5);
}

TEST_CASE("every layout gives what the row-major copy gives") {
  const Tensor x = iota({6, 20, 9});
  const std::int64_t order[] = {2, 0, 1}, reversed[] = {0, 2};
  for (const Tensor& view :
       {transpose(x), transpose(x, order), flip(x, reversed), broadcast_to(iota({20, 1}), {6, 20, 9})})
    for (const std::vector<int>& axes : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}})
      CHECK(values(along(ReduceOp::sum, view, axes)) == values(along(ReduceOp::sum, view.copy(), axes)));
}

TEST_CASE("reducing nothing") {
  const Tensor none = make(DType::float64, {0, 3}, {});
  CHECK(values(along(ReduceOp::sum, none, {0})) == Values{0, 0, 0});
  CHECK(values(along(ReduceOp::prod, none, {0})) == Values{1, 1, 1});
  CHECK(total(ReduceOp::all, none).item<bool>());
  CHECK_FALSE(total(ReduceOp::any, none).item<bool>());
  CHECK(std::isnan(total(ReduceOp::mean, none).item<double>()));
  CHECK(along(ReduceOp::max, none, {1}).shape() == Shape{0});
  CHECK(error_of([&] { total(ReduceOp::max, none); }) ==
        "ValueError: zero-size array to reduction operation maximum which has no identity");
  CHECK(error_of([&] { along(ReduceOp::min, none, {0}); }) ==
        "ValueError: zero-size array to reduction operation minimum which has no identity");
}

TEST_CASE("NaN is true, wins extremes, and poisons sums") {
  for (const std::int64_t at : {0, 5, 700, 5000}) {
    Tensor x = cast(iota({5001}), DType::float64);
    x.mutable_data<double>()[at] = kNaN;
    CHECK(std::isnan(total(ReduceOp::min, x).item<double>()));
    CHECK(std::isnan(total(ReduceOp::max, x).item<double>()));
    CHECK(std::isnan(total(ReduceOp::sum, x).item<double>()));
    CHECK(arg_reduce(true, x, {}, false).item<std::int64_t>() == at);
    CHECK(arg_reduce(false, x, {}, false).item<std::int64_t>() == at);
  }
  CHECK(total(ReduceOp::all, Tensor::of<double>({kNaN})).item<bool>());
}

TEST_CASE("truths are counted, added up and joined in every layout, whatever byte they are") {
  Tensor x = make(DType::boolean, {3, 700, 21}, {});
  auto* bytes = reinterpret_cast<std::uint8_t*>(x.mutable_bytes());
  for (std::int64_t at = 0; at < x.size(); ++at) bytes[at] = static_cast<std::uint8_t>(at % 11 < 5 ? at % 3 * 85 : 0);
  const std::int64_t order[] = {2, 0, 1};
  for (const Tensor& view :
       {x, transpose(x), transpose(x, order), broadcast_to(make(DType::boolean, {300, 1}, {1}), {300, 40})}) {
    Tensor ones = Tensor::empty(DType::int64, view.shape());
    const Tensor dense = view.copy();
    const auto* truths = reinterpret_cast<const std::uint8_t*>(dense.bytes());
    for (std::int64_t at = 0; at < ones.size(); ++at) ones.mutable_data<std::int64_t>()[at] = truths[at] != 0;
    for (const std::vector<int>& axes : std::vector<std::vector<int>>{{0}, {1}, {0, 1}}) {
      const Values counts = values(along(ReduceOp::sum, ones, axes));
      CHECK(values(along(ReduceOp::count, view, axes)) == counts);
      CHECK(values(along(ReduceOp::sum, view, axes)) == counts);
      CHECK(values(along(ReduceOp::any, view, axes)) == values(along(ReduceOp::max, ones, axes)));
      CHECK(values(along(ReduceOp::all, view, axes)) == values(along(ReduceOp::min, ones, axes)));
      CHECK(values(along(ReduceOp::prod, view, axes)) == values(along(ReduceOp::prod, ones, axes)));
      CHECK(values(along(ReduceOp::max, view, axes)) == values(along(ReduceOp::max, ones, axes)));
    }
  }
}

TEST_CASE("elements of any dtype that are not 0 are counted") {
  for (int at = 0; at < kDTypeCount; ++at) {
    const Tensor x = make(static_cast<DType>(at), {2, 3}, {0, 1, 1, 0, 0, 1});
    CHECK(total(ReduceOp::count, x).item<std::int64_t>() == 3);
    CHECK(values(along(ReduceOp::count, x, {1})) == Values{2, 1});
  }
  CHECK(total(ReduceOp::count, Tensor::of<double>({kNaN, -0.0})).item<std::int64_t>() == 1);
  CHECK(total(ReduceOp::count, make(DType::float32, {0, 3}, {})).item<std::int64_t>() == 0);
}

TEST_CASE("elements with gaps give what the row-major copy gives, for every size and stride") {
  for (const DType dtype : {DType::int8, DType::int16, DType::float32, DType::float64, DType::complex128}) {
    const Tensor x = cast(iota({400}), dtype);
    const std::int64_t item = x.itemsize();
    for (const std::int64_t step : {-3, -2, -1, 2, 3, 5})
      for (const std::int64_t n : {1, 2, 7, 8, 9, 16, 63, 79}) {
        const Tensor view = view_of(x, {dtype, {n}, {step * item}, step < 0 ? 399 * item : 0});
        Values expected;
        for (std::int64_t at = 0; at < n; ++at) expected.push_back((step < 0 ? 399 : 0) + at * step);
        const Tensor wanted = make(dtype, {n}, expected);
        CHECK(same_bits(view.copy(), wanted));
        CHECK(same_bits(total(ReduceOp::sum, view), total(ReduceOp::sum, wanted)));
      }
  }
}

namespace {

/// n numbers of which several are the largest, in rows with a gap if `step` is 2.
template <class T>
Tensor with_ties(std::int64_t n, std::int64_t step) {
  Tensor all = Tensor::empty(dtype_v<T>, {n * step});
  for (std::int64_t i = 0; i < n * step; ++i) all.mutable_data<T>()[i] = static_cast<T>((i * 37 + n) % 97 + 3);
  return all.view({n}, {step * static_cast<std::int64_t>(sizeof(T))});
}

template <class T>
void check_extremes(std::int64_t n, std::int64_t step) {
  const Tensor x = with_ties<T>(n, step), dense = x.copy();
  const T *begin = dense.data<T>(), *end = begin + n;
  CHECK(total(ReduceOp::max, x).item<T>() == *std::max_element(begin, end));
  CHECK(total(ReduceOp::min, x).item<T>() == *std::min_element(begin, end));
  CHECK(arg_reduce(true, x, 0, false).item<std::int64_t>() == std::max_element(begin, end) - begin);
  CHECK(arg_reduce(false, x, 0, false).item<std::int64_t>() == std::min_element(begin, end) - begin);
}

}  // namespace

TEST_CASE("extremes of rows of every length, dense and with gaps") {
  for (std::int64_t n = 1; n < 700; n += n < 140 ? 1 : 37)
    for (const std::int64_t step : {1, 2}) {
      CAPTURE(n);
      CAPTURE(step);
      check_extremes<std::int8_t>(n, step);
      check_extremes<std::uint16_t>(n, step);
      check_extremes<std::int32_t>(n, step);
      check_extremes<std::uint64_t>(n, step);
      check_extremes<float>(n, step);
      check_extremes<double>(n, step);
    }
}

TEST_CASE("a NaN anywhere in a short row is the extreme, and the first is found") {
  for (const std::int64_t n : {1, 3, 4, 15, 16, 17, 63, 64, 65, 100, 129})
    for (std::int64_t at = 0; at < n; ++at) {
      Tensor x = cast(iota({n}), DType::float32);
      x.mutable_data<float>()[at] = static_cast<float>(kNaN);
      x.mutable_data<float>()[n - 1] = static_cast<float>(kNaN);
      CAPTURE(n);
      CAPTURE(at);
      CHECK(std::isnan(total(ReduceOp::max, x).item<float>()));
      CHECK(std::isnan(total(ReduceOp::min, x).item<float>()));
      CHECK(arg_reduce(true, x, {}, false).item<std::int64_t>() == at);
      CHECK(arg_reduce(false, x, {}, false).item<std::int64_t>() == at);
    }
}

TEST_CASE("extremes of many columns side by side") {
  Tensor x = rough({40, 700});
  x.mutable_data<float>()[3 * 700 + 5] = static_cast<float>(kNaN);
  const Tensor columns = transpose(x).copy();
  CHECK(values(arg_reduce(true, x, 0, false)) == values(arg_reduce(true, columns, 1, false)));
  CHECK(values(arg_reduce(false, x, 0, false)) == values(arg_reduce(false, columns, 1, false)));
  CHECK(arg_reduce(false, x, 0, false).data<std::int64_t>()[5] == 3);
}

TEST_CASE("squared distances from a centre, in every direction and for any number of threads") {
  Watch watch;
  const Tensor x = rough({3, 70, 401});
  for (const std::vector<int>& axes : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}}) {
    const Tensor centre = along(ReduceOp::mean, x, axes, true);
    const Tensor distance = binary(ElementwiseOp::subtract, x, centre);
    const Tensor wanted = along(ReduceOp::sum, binary(ElementwiseOp::multiply, distance, distance), axes);
    for (const int threads : {1, 3}) {
      watch.own.threads = threads;
      CHECK(same_bits(squared_distances(x, centre, axes, false, false), wanted));
    }
  }
}

TEST_CASE("squared distances: NaN can be left out, and what has no kernel gives no tensor") {
  const int axes[] = {0};
  const Tensor x = Tensor::of<double>({1, kNaN, 4}), centre = Tensor::of<double>({2});
  CHECK(squared_distances(x, centre, axes, false, true).item<double>() == 5);
  CHECK(std::isnan(squared_distances(x, centre, axes, false, false).item<double>()));
  CHECK(squared_distances(ints({2}, {1, 5}), centre, axes, true, false).item<double>() == 10);
  CHECK_FALSE(squared_distances(x, cast(centre, DType::float32), axes, false, false));
  CHECK_FALSE(squared_distances(x, Tensor::of<double>({2, 3}), axes, false, false));
}

TEST_CASE("complex extremes are lexicographic") {
  const Tensor z = Tensor::of<complex128>({{1, 2}, {1, 3}, {0, 9}, {1, 3}});
  CHECK(total(ReduceOp::max, z).item<complex128>() == complex128{1, 3});
  CHECK(total(ReduceOp::min, z).item<complex128>() == complex128{0, 9});
  CHECK(arg_reduce(true, z, {}, false).item<std::int64_t>() == 1);
  CHECK(total(ReduceOp::prod, Tensor::of<complex128>({{0, 1}, {0, 1}})).item<complex128>() == complex128{-1, 0});
}

TEST_CASE("float sums are pairwise: the error stays near one rounding") {
  for (const std::int64_t n : {40, 1000, 300000}) {
    const Tensor x = rough({n});
    const double exact = total(ReduceOp::sum, cast(x, DType::float64)).item<double>();
    CHECK(std::abs(total(ReduceOp::sum, x).item<float>() - exact) <= 5e-7 * exact);
    const Tensor columns = reshape(rough({n * 10}), std::vector<std::int64_t>{n, 10});
    const Tensor sums = along(ReduceOp::sum, columns, {0}),
                 wanted = along(ReduceOp::sum, cast(columns, DType::float64), {0});
    for (int column = 0; column < 10; ++column)
      CHECK(std::abs(sums.data<float>()[column] - wanted.data<double>()[column]) <=
            5e-7 * wanted.data<double>()[column]);
  }
}

TEST_CASE("the same bits for any number of threads") {
  Watch watch;
  const Tensor x = rough({7, 300, 401});
  for (const std::vector<int>& axes : std::vector<std::vector<int>>{{0}, {1}, {2}, {0, 1}, {0, 2}, {1, 2}, {0, 1, 2}}) {
    watch.own.threads = 1;
    const Tensor serial = along(ReduceOp::sum, x, axes);
    watch.own.threads = 3;
    CHECK(same_bits(serial, along(ReduceOp::sum, x, axes)));
  }
}

TEST_CASE("elements that are converted on the way give what converted tensors give, bit by bit") {
  const std::vector<int> all = {0, 1}, rows = {1}, columns = {0};
  const Tensor wide = rough({37, 1300});
  const Tensor gaps = wide.view(DType::float32, {37, 650}, {5200, 8});
  for (const ReduceOp op : {ReduceOp::sum, ReduceOp::prod, ReduceOp::min, ReduceOp::max, ReduceOp::all})
    for (const std::vector<int>& axes : {all, rows, columns})
      for (const Tensor& x : {wide, gaps}) {
        CHECK(same_bits(reduce(op, x, axes, false), reduce(op, x.copy(), axes, false)));
        if (op == ReduceOp::sum || op == ReduceOp::prod)
          CHECK(same_bits(reduce(op, x, axes, false, DType::float64),
                          reduce(op, cast(x.copy(), DType::float64), axes, false)));
        const Tensor half = cast(x, DType::float16);
        const Tensor want = reduce(op, cast(half, DType::float32), axes, false);
        CHECK(same_bits(reduce(op, half, axes, false), op == ReduceOp::all ? want : cast(want, DType::float16)));
      }
}

TEST_CASE("sums and products of integers wrap in the dtype that was asked for") {
  const Tensor x = cast(iota({300}), DType::int8);
  int sum = 0, product = 1;
  for (int i = 1; i < 300; ++i) {
    sum = static_cast<std::int8_t>(sum + static_cast<std::int8_t>(i));
    product = static_cast<std::int8_t>(product * 3);
  }
  CHECK(total(ReduceOp::sum, x, DType::int8).item<std::int8_t>() == sum);
  CHECK(total(ReduceOp::prod, make(DType::int8, {299}, Values(299, 3)), DType::int8).item<std::int8_t>() == product);
  CHECK(total(ReduceOp::sum, x, DType::uint16).item<std::uint16_t>() ==
        static_cast<std::uint16_t>(total(ReduceOp::sum, x).item<std::int64_t>()));
}

TEST_CASE("complex elements are not summed as real ones") {
  const Tensor z = cast(iota({3}), DType::complex128);
  CHECK(error_of([&] {
          total(ReduceOp::sum, z, DType::float64);
        }).starts_with("TypeError: cannot cast complex128 to float64"));
}

TEST_CASE("16-bit floats are rounded once") {
  Tensor x = make(DType::float16, {4096}, Values(4096, 1));
  CHECK(values(total(ReduceOp::sum, x)) == Values{4096});
  CHECK(values(total(ReduceOp::mean, x)) == Values{1});
}

TEST_CASE("argmin and argmax take the first extreme") {
  const Tensor x = ints({2, 3}, {5, 7, 7, 7, 1, 1});
  CHECK(arg_reduce(true, x, {}, false).item<std::int64_t>() == 1);
  CHECK(values(arg_reduce(true, x, 0, false)) == Values{1, 0, 0});
  CHECK(values(arg_reduce(false, x, 1, false)) == Values{0, 1});
  CHECK(arg_reduce(false, x, 1, true).shape() == Shape{2, 1});
  CHECK(arg_reduce(false, x, {}, true).shape() == Shape{1, 1});
  CHECK(arg_reduce(true, transpose(x), {}, false).item<std::int64_t>() == 1);
  CHECK(arg_reduce(true, mask({3}, {0, 1, 1}), 0, false).item<std::int64_t>() == 1);
  CHECK(error_of([] { arg_reduce(true, Tensor::zeros(DType::int8, {0}), {}, false); }) ==
        "ValueError: attempt to get argmax of an empty sequence");
  CHECK(error_of([] {
          arg_reduce(false, Tensor::zeros(DType::int8, {2, 0}), 1, false);
        }) == "ValueError: attempt to get argmin of an empty sequence");
}

TEST_CASE("scans run along an axis, or over all elements") {
  const Tensor x = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(values(scan(ReduceOp::sum, x, {})) == Values{1, 3, 6, 10, 15, 21});
  CHECK(values(scan(ReduceOp::sum, x, 0)) == Values{1, 2, 3, 5, 7, 9});
  CHECK(values(scan(ReduceOp::prod, x, 1)) == Values{1, 2, 6, 4, 20, 120});
  CHECK(values(scan(ReduceOp::sum, transpose(x), 0)) == Values{1, 4, 3, 9, 6, 15});
  CHECK(scan(ReduceOp::sum, mask({3}, {1, 1, 1}), 0).dtype() == DType::int64);
  CHECK(values(scan(ReduceOp::sum, ints({2}, {200, 100}), 0, DType::uint8)) == Values{200, 44});
  CHECK(scan(ReduceOp::sum, Tensor::scalar<double>(3), {}).shape() == Shape{1});
  CHECK(values(x) == Values{1, 2, 3, 4, 5, 6});
}

TEST_CASE("integers of every width are scanned as they widen, along every axis and in every layout") {
  for (const DType dtype : {DType::boolean, DType::int8, DType::uint16, DType::int32, DType::int64, DType::uint64}) {
    CAPTURE(name(dtype));
    Values elements(30);
    for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = dtype == DType::boolean ? i % 3 == 0 : i * 5 % 100;
    const Tensor x = make(dtype, {2, 5, 3}, elements), wide = cast(x, DType::float64);
    for (const ReduceOp op : {ReduceOp::sum, ReduceOp::prod})
      for (const int axis : {0, 1, 2}) {
        CHECK(values(scan(op, x, axis)) == values(scan(op, wide, axis)));
        CHECK(values(scan(op, transpose(x), axis)) == values(scan(op, transpose(wide), axis)));
      }
    CHECK(values(scan(ReduceOp::sum, x, {})) == values(scan(ReduceOp::sum, wide, {})));
  }
}

TEST_CASE("long scans: the ends of parts, and the same bits for any number of threads") {
  const int threads = context().threads;
  for (const std::int64_t n : {4159, 4160, 4161, 9000, 300'000}) {
    Values wanted(static_cast<std::size_t>(n));
    std::iota(wanted.begin(), wanted.end(), 0);
    const Tensor x = ints({n}, wanted), uneven = binary(ElementwiseOp::divide, x, Tensor::scalar<double>(7));
    std::partial_sum(wanted.begin(), wanted.end(), wanted.begin());
    context().threads = 1;
    const Tensor alone = scan(ReduceOp::sum, uneven, 0);
    for (context().threads = 1; context().threads < 9; context().threads *= 4) {
      CHECK((values(scan(ReduceOp::sum, x, 0)) == wanted));
      CHECK((values(scan(ReduceOp::sum, cast(x, DType::float64), 0)) == wanted));
      const Tensor sums = scan(ReduceOp::sum, uneven, 0);
      CHECK(std::memcmp(sums.bytes(), alone.bytes(), static_cast<std::size_t>(n) * sizeof(double)) == 0);
    }
  }
  context().threads = threads;
}
