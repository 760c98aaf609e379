// path_update_test.cpp - assignments: values, in-place-ness counted by copies, overlap, and errors that change nothing.
#include "interpreter/subscripts/index_plan.h"

#include "runtime/tensors/shape_ops.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

using Path = std::vector<PathStep>;

const EllipsisItem dots;
const SliceItem all;
constexpr std::nullopt_t none = std::nullopt;

Tensor index(const Values& values) { return ints({static_cast<std::int64_t>(values.size())}, values); }
Tensor flags(const Values& values) { return mask({static_cast<std::int64_t>(values.size())}, values); }
Scalar number(std::int64_t v) { return Scalar::of(v); }
PathStep at(IndexItems items) { return {PathStep::Kind::subscript, std::move(items), {}}; }
PathStep step(PathStep::Kind kind, Dims numbers = {}) { return {kind, {}, std::move(numbers)}; }
const PathStep transposed = step(PathStep::Kind::transpose);
const PathStep flat = step(PathStep::Kind::flat);

void set(Tensor& x, const Path& path, Operand value) { path_update(x, path, {std::move(value), std::nullopt}); }
void add(Tensor& x, const Path& path, Operand value) { path_update(x, path, {std::move(value), ElementwiseOp::add}); }

/// Checks that an update is refused with `message` and that x then holds what it held, by the same handle.
void refuses(Tensor& x, const Path& path, const Operand& value, const std::string& message, bool augmented = false) {
  const Values before = values(x);
  const TensorData* handle = x.ref().get();
  CHECK(error_of([&] { augmented ? add(x, path, value) : set(x, path, value); }) == message);
  CHECK(x.ref().get() == handle);
  CHECK(values(x) == before);
}

}  // namespace

TEST_CASE("assignments write where the path leads, in place") {
  struct Row {
    const char* source;
    Shape shape;
    Path path;
    Operand value;
    Values result;
  };
  const Row rows[] = {
      {"x[1] = 7", {3}, {at({std::int64_t{1}})}, number(7), {0, 7, 2}},
      {"x[-1, 0] = 7", {2, 2}, {at({std::int64_t{-1}, std::int64_t{0}})}, number(7), {0, 1, 7, 3}},
      {"x[1] = [7, 8]", {2, 2}, {at({std::int64_t{1}})}, index({7, 8}), {0, 1, 7, 8}},
      {"x[::2] = 7", {4}, {at({SliceItem{none, none, 2}})}, number(7), {7, 1, 7, 3}},
      {"x[::-1] = v", {3}, {at({SliceItem{none, none, -1}})}, index({7, 8, 9}), {9, 8, 7}},
      {"x[:, 0] = v", {2, 2}, {at({all, std::int64_t{0}})}, index({7, 8}), {7, 1, 8, 3}},
      {"leading ones are dropped", {2, 2}, {at({std::int64_t{0}})}, ints({1, 1, 2}, {7, 8}), {7, 8, 2, 3}},
      {"x[0, ...] = [7]", {3}, {at({std::int64_t{0}, dots})}, index({7}), {7, 1, 2}},
      {"x[[2, 0]] = v", {3}, {at({index({2, 0})})}, index({7, 8}), {8, 1, 7}},
      {"the last duplicate wins", {3}, {at({index({1, 1, 1})})}, index({7, 8, 9}), {0, 9, 2}},
      {"x[:, [1, 0]] = v", {2, 2}, {at({all, index({1, 0})})}, index({7, 8}), {8, 7, 8, 7}},
      {"x[m] = 7", {4}, {at({flags({1, 0, 0, 1})})}, number(7), {7, 1, 2, 7}},
      {"x[m] = v", {2, 2}, {at({mask({2, 2}, {1, 0, 0, 1})})}, index({7, 8}), {7, 1, 2, 8}},
      {"a mask of lower rank", {2, 2}, {at({flags({0, 1})})}, index({7, 8}), {0, 1, 7, 8}},
      {"x[m, ...] = a value of two axes", {3}, {at({flags({1, 1, 0}), dots})}, ints({1, 2}, {7, 8}), {7, 8, 2}},
      {"x[1:][m] = 7", {3}, {at({SliceItem{1, none, none}}), at({flags({0, 1})})}, number(7), {0, 1, 7}},
      {"x[:, 1:][m] = v",
       {2, 2},
       {at({all, SliceItem{1, none, none}}), at({mask({2, 1}, {1, 1})})},
       index({7, 8}),
       {0, 7, 2, 8}},
      {"x[1][0] = 7", {2, 2}, {at({std::int64_t{1}}), at({std::int64_t{0}})}, number(7), {0, 1, 7, 3}},
      {"x.T[0] = v", {2, 2}, {transposed, at({std::int64_t{0}})}, index({7, 8}), {7, 1, 8, 3}},
      {"x.reshape(-1)[2] = 7",
       {2, 2},
       {step(PathStep::Kind::reshape, {-1}), at({std::int64_t{2}})},
       number(7),
       {0, 1, 7, 3}},
      {"x.T.reshape(-1)[1] = 7",
       {2, 2},
       {transposed, step(PathStep::Kind::ravel), at({std::int64_t{1}})},
       number(7),
       {0, 1, 7, 3}},
      {"x.diagonal()[:] = 7", {2, 2}, {step(PathStep::Kind::diagonal, {0, 0, 1}), at({all})}, number(7), {7, 1, 2, 7}},
      {"x[m][0] = 7", {3}, {at({flags({0, 1, 1})}), at({std::int64_t{0}})}, number(7), {0, 7, 2}},
      {"x[[2, 1]][0] = 7", {3}, {at({index({2, 1})}), at({std::int64_t{0}})}, number(7), {0, 1, 7}},
      {"values repeat through flat", {2, 2}, {flat}, index({7, 8, 9}), {7, 8, 9, 7}},
      {"x.flat[1:] = [7, 8]", {2, 2}, {flat, at({SliceItem{1, none, none}})}, index({7, 8}), {0, 7, 8, 7}},
      {"x.T.flat = v", {2, 2}, {transposed, flat}, index({6, 7, 8, 9}), {6, 8, 7, 9}},
      {"an empty selection takes one value", {3}, {at({SliceItem{3, none, none}})}, number(7), {0, 1, 2}},
      {"an empty mask takes no values", {3}, {at({flags({0, 0, 0})})}, index({}), {0, 1, 2}},
      {"x[True] = v", {2}, {at({Tensor::scalar(true)})}, index({7, 8}), {7, 8}},
      {"x[False] = v", {2}, {at({Tensor::scalar(false)})}, index({7, 8}), {0, 1}},
      {"x[...] = v", {2}, {at({dots})}, index({7, 8}), {7, 8}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    Tensor x = iota(row.shape);
    const Watch watch;
    set(x, row.path, row.value);
    CHECK(values(x) == row.result);
    CHECK(watch.copies() == 0);

    Tensor shared = iota(row.shape);
    const Tensor keep = shared;
    set(shared, row.path, row.value);
    CHECK(values(shared) == row.result);
    CHECK(values(keep) == values(iota(row.shape)));
  }
}

TEST_CASE("augmented assignments read and write once, in place") {
  struct Row {
    const char* source;
    Shape shape;
    Path path;
    Operand value;
    Values result;
  };
  const Row rows[] = {
      {"x += 1", {3}, {}, number(1), {1, 2, 3}},
      {"x[1] += 5", {3}, {at({std::int64_t{1}})}, number(5), {0, 6, 2}},
      {"x[1:] += v", {3}, {at({SliceItem{1, none, none}})}, index({10, 20}), {0, 11, 22}},
      {"duplicates count once", {3}, {at({index({0, 0, 1})})}, number(1), {1, 2, 2}},
      {"x[m] += 1", {3}, {at({flags({1, 0, 1})})}, number(10), {10, 1, 12}},
      {"x[:, 1:][m] += v",
       {2, 2},
       {at({all, SliceItem{1, none, none}}), at({mask({2, 1}, {1, 1})})},
       index({10, 20}),
       {0, 11, 2, 23}},
      {"x.reshape(-1)[3] += 1",
       {2, 2},
       {step(PathStep::Kind::reshape, {-1}), at({std::int64_t{3}})},
       number(1),
       {0, 1, 2, 4}},
      {"x[[1, 0]][0] += 5", {2}, {at({index({1, 0})}), at({std::int64_t{0}})}, number(5), {0, 6}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    Tensor x = iota(row.shape);
    const Watch watch;
    add(x, row.path, row.value);
    CHECK(values(x) == row.result);
    CHECK(watch.copies() == 0);
  }
}

TEST_CASE("an update sees only old values") {
  const Watch watch;
  Tensor x = iota({4});
  set(x, {at({SliceItem{1, none, none}})}, index_get(x, {{SliceItem{none, -1, none}}}));
  CHECK(values(x) == Values{0, 0, 1, 2});
  set(x, {at({SliceItem{none, none, -1}})}, x);
  CHECK(values(x) == Values{2, 1, 0, 0});
  set(x, {at({index({3, 0, 1, 2})})}, x);
  CHECK(values(x) == Values{1, 0, 0, 2});
  add(x, {}, x);
  CHECK(values(x) == Values{2, 0, 0, 4});
  CHECK(watch.copies() == 0);

  Tensor order = index({2, 0, 1});
  set(order, {at({order})}, index({5, 6, 7}));
  CHECK(values(order) == Values{6, 7, 5});
  Tensor matrix = iota({2, 2});
  add(matrix, {}, transpose(matrix));
  CHECK(values(matrix) == Values{0, 3, 3, 6});
}

TEST_CASE("layouts that are not row-major are updated too") {
  Tensor x = transpose(iota({2, 3}));  // the only handle: written where it stands
  const Watch watch;
  set(x, {at({std::int64_t{0}})}, number(9));
  CHECK(values(x) == Values{9, 9, 1, 4, 2, 5});
  CHECK(watch.copies() == 0);

  const Tensor keep = x;
  set(x, {transposed, step(PathStep::Kind::ravel), at({std::int64_t{1}})}, number(7));
  CHECK(values(x) == Values{9, 9, 7, 4, 2, 5});
  CHECK(values(keep) == Values{9, 9, 1, 4, 2, 5});

  Tensor wide = broadcast_to(iota({2}), Shape{2, 2});
  set(wide, {at({std::int64_t{0}, std::int64_t{0}})}, number(5));
  CHECK(values(wide) == Values{5, 1, 0, 1});
}

TEST_CASE("parts of complex tensors are paths") {
  Tensor z = Tensor::of<complex128>({{1, 2}, {3, 4}});
  const Watch watch;
  set(z, {step(PathStep::Kind::real), at({std::int64_t{1}})}, number(7));
  set(z, {step(PathStep::Kind::imag), at({flags({1, 0})})}, number(9));
  CHECK(watch.copies() == 0);
  CHECK(values(real(z)) == Values{1, 7});
  CHECK(values(imag(z)) == Values{9, 4});
  Tensor x = iota({2});
  set(x, {step(PathStep::Kind::real), at({std::int64_t{0}})}, number(3));
  CHECK(values(x) == Values{3, 1});
  refuses(x, {step(PathStep::Kind::imag), at({std::int64_t{0}})}, number(1),
          "TypeError: array does not have imaginary part to set");
}

TEST_CASE("what is stored keeps the target's dtype") {
  Tensor bytes = make(DType::uint8, {3}, {1, 2, 3});
  set(bytes, {at({std::int64_t{0}})}, Tensor::scalar<std::int64_t>(300));
  set(bytes, {at({SliceItem{1, none, none}})}, Tensor::scalar(2.7));
  CHECK(values(bytes) == Values{44, 2, 2});
  CHECK(bytes.dtype() == DType::uint8);
  refuses(bytes, {at({std::int64_t{0}})}, number(256), "OverflowError: Python integer 256 out of bounds for uint8");
  refuses(bytes, {at({SliceItem{0, 0, none}})}, number(300),
          "OverflowError: Python integer 300 out of bounds for uint8");
  refuses(bytes, {at({flags({0, 0, 0})})}, number(300), "OverflowError: Python integer 300 out of bounds for uint8");
}

TEST_CASE("errors leave the target and its handle as they were") {
  Tensor x = iota({2, 3});
  const std::string mask_error = "NumPy boolean array indexing assignment ";
  refuses(x, {at({index({0, 1, 9})})}, number(7), "IndexError: index 9 is out of bounds for axis 0 with size 2");
  refuses(x, {at({std::int64_t{0}, std::int64_t{0}})}, index({7}),
          "ValueError: setting an array element with a sequence.");
  refuses(x, {at({SliceItem{0, 2, none}})}, index({7, 8}),
          "ValueError: could not broadcast input array from shape (2,) into shape (2,3)");
  refuses(x, {at({std::int64_t{0}, dots, std::int64_t{0}})}, ints({1, 2}, {7, 8}),
          "ValueError: could not broadcast input array from shape (2,) into shape ()");
  refuses(x, {at({all, index({0, 1})})}, ints({3, 2}, Values(6)),
          "ValueError: shape mismatch: value array of shape (3,2) could not be broadcast to indexing result of shape "
          "(2,2)");
  refuses(
      x, {at({index({})})}, index({7, 8}),
      "ValueError: shape mismatch: value array of shape (2,) could not be broadcast to indexing result of shape (0,3)");
  refuses(x, {at({Tensor::scalar(false)})}, index({7, 8}),
          "ValueError: shape mismatch: value array of shape (2,) could not be broadcast to indexing result of shape "
          "(0,2,3)");
  const IndexItems some{mask({2, 3}, {1, 1, 0, 0, 0, 1})};
  const IndexItems nothing{mask({2, 3}, Values(6))};
  refuses(x, {at(some)}, ints({1, 1}, {7}),
          "TypeError: " + mask_error + "requires a 0 or 1-dimensional input, input has 2 dimensions");
  refuses(x, {at(some)}, index({7, 8}),
          "ValueError: " + mask_error + "cannot assign 2 input values to the 3 output values where the mask is true");
  refuses(x, {at(nothing)}, index({7, 8}),
          "ValueError: " + mask_error + "cannot assign 2 input values to the 0 output values where the mask is true");
  refuses(x, {at(some)}, index({}),
          "ValueError: " + mask_error + "cannot assign 0 input values to the 3 output values where the mask is true");
  refuses(x, {transposed, step(PathStep::Kind::ravel), at({std::int64_t{9}})}, number(7),
          "IndexError: index 9 is out of bounds for axis 0 with size 6");
  refuses(
      x, {at({std::int64_t{0}, std::int64_t{0}})}, Scalar::of(1.5),
      "TypeError: Cannot cast ufunc 'add' output from dtype('float64') to dtype('int64') with casting rule 'same_kind'",
      true);
  refuses(x, {at({std::int64_t{0}})}, ints({1, 3}, {1, 2, 3}),
          "ValueError: non-broadcastable output operand with shape (3,) doesn't match the broadcast shape (1,3)", true);
}

TEST_CASE("a path reads what it writes") {
  const Tensor x = iota({2, 3});
  CHECK(values(path_get(x, Path{at({SliceItem{1, none, none}}), transposed, at({flags({1, 0, 1})})})) == Values{3, 5});
  CHECK(values(path_get(x, Path{transposed, flat})) == Values{0, 3, 1, 4, 2, 5});
  CHECK(values(path_get(x, Path{step(PathStep::Kind::imag)})) == Values(6));
}

TEST_CASE("combined updates count every duplicate") {
  struct Row {
    UpdateKind kind;
    Values result;
  };
  const Row rows[] = {
      {UpdateKind::set, {20, 30, 2}},     {UpdateKind::add, {30, 31, 2}},   {UpdateKind::subtract, {-30, -29, 2}},
      {UpdateKind::multiply, {0, 30, 2}}, {UpdateKind::minimum, {0, 1, 2}}, {UpdateKind::maximum, {20, 30, 2}},
  };
  for (const Row& row : rows) {
    Tensor x = iota({3});
    const Watch watch;
    index_accumulate(x, {{index({0, 0, 1})}}, row.kind, index({10, 20, 30}));
    CHECK(values(x) == row.result);
    CHECK(watch.copies() == 0);
  }
}

TEST_CASE("combined updates in every dtype") {
  for (int at_dtype = 0; at_dtype < kDTypeCount; ++at_dtype) {
    const auto dtype = static_cast<DType>(at_dtype);
    if (dtype == DType::boolean) continue;
    CAPTURE(name(dtype));
    Tensor x = make(dtype, {3}, {1, 2, 3});
    index_accumulate(x, {{index({0, 0, 2})}}, UpdateKind::add, number(2));
    index_accumulate(x, {{index({2, 2})}}, UpdateKind::minimum, index({4, 6}));
    CHECK(values(is_complex(dtype) ? real(x) : x) == Values{5, 2, 4});
    CHECK(x.dtype() == dtype);
  }
  Tensor truths = flags({0, 1, 1});
  index_accumulate(truths, {{index({0, 1})}}, UpdateKind::multiply, flags({1, 0}));
  CHECK(values(truths) == Values{0, 0, 1});
  CHECK(error_of([&] {
          index_accumulate(truths, {{index({0})}}, UpdateKind::subtract, flags({1}));
        }).starts_with("TypeError: numpy boolean subtract"));
  Tensor nan = Tensor::of<double>({0.0 / 0.0, 1});
  index_accumulate(nan, {{all}}, UpdateKind::maximum, Tensor::of<double>({2, 0.0 / 0.0}));
  CHECK((nan.data<double>()[0] != nan.data<double>()[0] && nan.data<double>()[1] != nan.data<double>()[1]));
}

TEST_CASE("modes and duplicates of combined updates") {
  const IndexItems items{index({-1, 5, 0, 0})};
  const auto updated = [&](IndexMode mode, Duplicates duplicates = Duplicates::last) {
    Tensor x = iota({3});
    index_accumulate(x, items, UpdateKind::set, index({6, 7, 8, 9}), mode, duplicates);
    return values(x);
  };
  CHECK(updated(IndexMode::drop) == Values{9, 1, 6});
  CHECK(updated(IndexMode::clip) == Values{9, 1, 7});
  CHECK(updated(IndexMode::wrap) == Values{9, 1, 7});
  CHECK(updated(IndexMode::drop, Duplicates::first) == Values{8, 1, 6});
  CHECK(error_of([&] { updated(IndexMode::drop, Duplicates::error); }).starts_with("ValueError: entry 3"));
  Tensor x = iota({3});
  refuses(x, {at(items)}, number(1), "IndexError: index 5 is out of bounds for axis 0 with size 3");
  index_accumulate(x, {{std::int64_t{7}}}, UpdateKind::set, number(1), IndexMode::drop);
  CHECK(values(x) == Values{0, 1, 2});
}
