// index_plan_test.cpp - reading by subscript: tables of (shape, subscript, result), each row as NumPy 2 has it.
#include "interpreter/subscripts/index_plan.h"

#include "runtime/indexing/gather.h"
#include "tests/unit/tensors.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

const EllipsisItem dots;
const NewAxisItem axis;
const SliceItem all;
constexpr std::nullopt_t none = std::nullopt;

Tensor index(const Values& values) { return ints({static_cast<std::int64_t>(values.size())}, values); }
Tensor flags(const Values& values) { return mask({static_cast<std::int64_t>(values.size())}, values); }
std::string read_error(Shape shape, const IndexItems& items) {
  return error_of([&] { index_get(iota(std::move(shape)), items); });
}

struct Row {
  const char* group;
  Shape shape;
  IndexItems items;
  Shape result;
};

}  // namespace

TEST_CASE("the shape of what a subscript gives") {
  const Shape four{2, 3, 4, 5};
  const Tensor pairs = ints({2, 3}, {0, 1, 0, 1, 0, 1});
  const Row rows[] = {
      {"integers", {3}, {std::int64_t{1}}, {}},
      {"integers", {3, 4}, {std::int64_t{-1}}, {4}},
      {"no items", {3, 4}, {}, {3, 4}},
      {"no items", {}, {}, {}},
      {"slices", {7}, {SliceItem{1, 6, 2}}, {3}},
      {"slices", {7}, {SliceItem{none, none, -1}}, {7}},
      {"slices", {7}, {SliceItem{10, -10, -1}}, {7}},
      {"slices", {7}, {SliceItem{none, none, INT64_MIN}}, {1}},
      {"slices", {7}, {SliceItem{5, 2, none}}, {0}},
      {"ellipsis", four, {dots, std::int64_t{0}}, {2, 3, 4}},
      {"ellipsis", four, {std::int64_t{0}, dots, std::int64_t{0}}, {3, 4}},
      {"new axis", {}, {axis}, {1}},
      {"new axis", {3, 4}, {all, axis, all}, {3, 1, 4}},
      {"one array", four, {all, index({0, 1, 0})}, {2, 3, 4, 5}},
      {"adjacent", four, {all, index({0, 1}), std::int64_t{0}}, {2, 2, 5}},
      {"separated", four, {std::int64_t{0}, all, index({0, 1})}, {2, 3, 5}},
      {"separated", four, {index({0, 1}), all, index({0, 1})}, {2, 3, 5}},
      {"separated by None", four, {index({0, 1}), axis, index({0, 1})}, {2, 1, 4, 5}},
      {"after an ellipsis", four, {dots, index({0, 1}), all}, {2, 3, 2, 5}},
      {"an integer is advanced beside an array", four, {all, std::int64_t{1}, all, index({0, 1, 2})}, {3, 2, 4}},
      {"two-dimensional index", four, {pairs, dots, std::int64_t{2}}, {2, 3, 3, 4}},
      {"an ellipsis of nothing separates", {4, 2, 3}, {all, index({0, 1}), dots, std::int64_t{0}}, {2, 4}},
      {"0-d integer tensor", {3, 4}, {Tensor::scalar<std::int64_t>(1)}, {4}},
      {"uint8 counts", {3, 4}, {make(DType::uint8, {2}, {0, 2})}, {2, 4}},
      {"empty index", {3, 4}, {index({})}, {0, 4}},
      {"mask of lower rank", {3, 4}, {flags({1, 0, 1})}, {2, 4}},
      {"mask of two axes", {2, 3, 4}, {mask({2, 3}, {1, 0, 1, 0, 0, 1})}, {3, 4}},
      {"mask behind a slice", {2, 3, 4}, {all, mask({3, 4}, {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})}, {2, 3}},
      {"mask and integer", {2, 3, 4}, {mask({2, 3}, {1, 0, 1, 0, 0, 1}), std::int64_t{0}}, {3}},
      {"mask and list are zipped", {3, 4}, {flags({1, 0, 1}), index({0, 3})}, {2}},
      {"mask of everything", {2, 2}, {mask({2, 2}, {1, 0, 0, 1})}, {2}},
      {"True", {3}, {Tensor::scalar(true)}, {1, 3}},
      {"False", {3}, {Tensor::scalar(false)}, {0, 3}},
      {"True behind an integer", {2, 3, 4}, {std::int64_t{0}, Tensor::scalar(true)}, {1, 3, 4}},
      {"True behind a slice", {2, 3, 4}, {all, Tensor::scalar(true)}, {2, 1, 3, 4}},
      {"True behind an ellipsis", {2, 3, 4}, {dots, Tensor::scalar(true)}, {2, 3, 4, 1}},
      {"mask behind None", {2, 3}, {axis, flags({0, 1})}, {1, 1, 3}},
      {"broadcast away", {2, 3}, {index({}), index({5})}, {0}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.group);
    CAPTURE(to_string(row.shape));
    CHECK(to_string(index_get(iota(row.shape), row.items).shape()) == to_string(row.result));
  }
}

TEST_CASE("the elements a subscript gives") {
  const Tensor x = iota({3, 4});
  CHECK(values(index_get(x, {{std::int64_t{1}, std::int64_t{-1}}})) == Values{7});
  CHECK(values(index_get(x, {{SliceItem{none, none, -2}, SliceItem{1, 3, none}}})) == Values{9, 10, 1, 2});
  CHECK(values(index_get(x, {{index({2, 0}), index({1, -1})}})) == Values{9, 3});
  CHECK(values(index_get(x, {{ints({2, 1}, {2, 0}), index({1, 3})}})) == Values{9, 11, 1, 3});
  CHECK(values(index_get(x, {{all, index({3, 3})}})) == Values{3, 3, 7, 7, 11, 11});
  CHECK(values(index_get(x, {{flags({0, 1, 1}), SliceItem{1, 3, none}}})) == Values{5, 6, 9, 10});
  CHECK(values(index_get(x, {{mask({3, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1})}})) == Values{0, 5, 11});
  CHECK(values(index_get(x.view({4, 3}, {8, 32}), {{mask({4, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1})}})) ==
        Values{0, 5, 11});
}

TEST_CASE("masks and gathers over many blocks, on any number of threads") {
  const std::int64_t n = 100003;
  Tensor chosen = Tensor::zeros(DType::boolean, {n});
  Values expected;
  for (std::int64_t at = 0; at < n; at += at % 7 + 1 + (at > 40000) * 997) {
    chosen.mutable_data<bool>()[at] = true;
    expected.push_back(at);
  }
  for (const int threads : {1, 3}) {
    Watch watch;
    watch.own.threads = threads;
    CHECK(values(index_get(iota({n}), {{chosen}})) == expected);
    CHECK(values(index_get(iota({n}), {{index(expected)}})) == expected);
    Tensor out = Tensor::zeros(DType::int64, {n});
    path_update(out, {{{PathStep::Kind::subscript, {chosen}, {}}}}, {Operand(index(expected)), std::nullopt});
    CHECK(values(index_get(out, {{chosen}})) == expected);
    path_update(out, {{{PathStep::Kind::subscript, {chosen}, {}}}},
                {Operand(Scalar::of(std::int64_t{0})), std::nullopt});
    CHECK(values(out) == Values(static_cast<std::size_t>(n)));
  }
}

TEST_CASE("far elements of lists of every length around the pieces in which these are looked at") {
  const std::int64_t n = 200003;  // more than kNearBytes
  const Tensor x = iota({n});
  for (const std::int64_t length : {1, 191, 192, 193, 1023, 1024, 1025, 1215, 1216, 1217, 2047, 2048, 2049, 20000}) {
    Values places;
    for (std::int64_t at = 0; at < length; ++at) places.push_back(at * 7919 % n);
    CHECK(values(gather(x, index(places))) == places);
    places.back() = -1;
    CHECK(values(gather(x, index(places))).back() == n - 1);
    for (const std::int64_t wild : {n, -n - 1, INT64_MAX, INT64_MIN}) {
      places.back() = wild;
      CHECK_FALSE(gather(x, index(places)));
    }
  }
}

TEST_CASE("basic subscripts are views, elements and gathered ones are not") {
  const Tensor x = iota({3, 4});
  CHECK(index_get(x, {{std::int64_t{1}}}).shares_buffer(x));
  CHECK(index_get(x, {{SliceItem{1, 3, none}, axis}}).shares_buffer(x));
  CHECK_FALSE(index_get(x, {{std::int64_t{1}, std::int64_t{1}}}).shares_buffer(x));
  CHECK_FALSE(index_get(x, {{index({0})}}).shares_buffer(x));
}

TEST_CASE("what an index out of range does in each mode") {
  const Tensor x = iota({4});
  const IndexItems items{index({-5, -1, 0, 9})};
  CHECK(error_of([&] { index_get(x, items); }) == "IndexError: index -5 is out of bounds for axis 0 with size 4");
  CHECK(values(index_get(x, items, IndexMode::wrap)) == Values{3, 3, 0, 1});
  CHECK(values(index_get(x, items, IndexMode::clip)) == Values{0, 0, 0, 3});
  CHECK(values(index_get(x, items, IndexMode::drop)) == Values{0, 0, 0, 3});
  CHECK(values(index_get(x, {{std::int64_t{9}}}, IndexMode::clip)) == Values{3});
  CHECK(error_of([&] { index_get(iota({0}), items, IndexMode::clip); }) ==
        "IndexError: cannot do a non-empty take from an empty axes.");
}

TEST_CASE("what NumPy says of bad subscripts") {
  const std::int64_t i = 0;
  CHECK(read_error({3}, {std::int64_t{6}}) == "IndexError: index 6 is out of bounds for axis 0 with size 3");
  CHECK(read_error({3}, {std::int64_t{-7}}) == "IndexError: index -7 is out of bounds for axis 0 with size 3");
  CHECK(read_error({2, 3}, {all, index({0, 3})}) == "IndexError: index 3 is out of bounds for axis 1 with size 3");
  CHECK(read_error({0, 3}, {index({0})}) == "IndexError: index 0 is out of bounds for axis 0 with size 0");
  CHECK(read_error({4, 2, 3}, {index({}), std::int64_t{5}}) ==
        "IndexError: index 5 is out of bounds for axis 1 with size 2");
  CHECK(read_error({3}, {i, i}) ==
        "IndexError: too many indices for array: array is 1-dimensional, but 2 were indexed");
  CHECK(read_error({3, 4}, {mask({3, 4}, Values(12)), i}) ==
        "IndexError: too many indices for array: array is 2-dimensional, but 3 were indexed");
  CHECK(read_error({3}, {dots, dots}) == "IndexError: an index can only have a single ellipsis ('...')");
  CHECK(read_error({3}, {SliceItem{none, none, 0}}) == "ValueError: slice step cannot be zero");
  CHECK(read_error({3}, {make(DType::float64, {1}, {0})}) ==
        "IndexError: arrays used as indices must be of integer (or boolean) type");
  CHECK(read_error({3, 4}, {index({0, 1}), index({0, 1, 2})}) ==
        "IndexError: shape mismatch: indexing arrays could not be broadcast together with shapes (2,) (3,) ");
  CHECK(read_error({3, 4, 5}, {mask({3, 4}, Values(12, 1)), index({0, 1, 2})}) ==
        "IndexError: shape mismatch: indexing arrays could not be broadcast together with shapes (12,) (12,) (3,) ");
  CHECK(read_error({3, 2}, {flags({1, 0, 1, 0})}) ==
        "IndexError: boolean index did not match indexed array along axis 0; size of axis is 3 but size of "
        "corresponding boolean axis is 4");
  CHECK(read_error({3, 2}, {mask({3, 1}, {1, 0, 1})}) ==
        "IndexError: boolean index did not match indexed array along axis 1; size of axis is 2 but size of "
        "corresponding boolean axis is 1");
}
