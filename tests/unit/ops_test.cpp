// ops_test.cpp - the rows that bind NumPy's names to the runtime: expressions, what NumPy prints of them, and refusals.
#include <doctest/doctest.h>

#include <array>

#include "interpreter/random/random_draws.h"
#include "tests/unit/values.h"

using namespace inlay;
using namespace inlay::testing;

namespace {

struct Case {
  std::string_view expression;
  std::string_view expected;
};

Value evaluate(Evaluator& evaluator, std::string_view expression) {
  return evaluator.evaluate(std::make_shared<Source>("test", std::string(expression)));
}

template <std::size_t count>
void check_values(const Case (&cases)[count]) {
  Evaluator evaluator({});
  for (const Case& row : cases) {
    INFO(row.expression);
    CHECK(to_repr(evaluate(evaluator, row.expression)) == row.expected);
  }
}

template <std::size_t count>
void check_refusals(const Case (&cases)[count]) {
  Evaluator evaluator({});
  for (const Case& row : cases) {
    INFO(row.expression);
    CHECK(message_of([&] { (void)evaluate(evaluator, row.expression); }) == row.expected);
  }
}

}  // namespace

TEST_CASE("elementwise functions") {
  check_values({
      {"add(1, 2, dtype=float32)", "3.0"},
      {"sqrt(array([4, 9]), dtype=float32)", "array([2., 3.], dtype=float32)"},
      {"true_divide([1, 2], 2)", "array([0.5, 1. ])"},
      {"where([0, 1, 2])", "(array([1, 2]),)"},
      {"where([True, False], 1, 2.5)", "array([1. , 2.5])"},
      {"clip([1, 5, 9], 2, 6)", "array([2, 5, 6])"},
      {"array([1, 5]).clip(max=3)", "array([1, 3])"},
      {"round([1234, 1250], -2)", "array([1200, 1200])"},
      {"round([1.25, -2.5])", "array([ 1., -2.])"},
      {"modf([1.5, -inf])", "(array([ 0.5, -0. ]), array([  1., -inf]))"},
      {"frexp([8.0, nan])", "(array([0.5, nan]), array([4, 0], dtype=int32))"},
      {"angle(array([True, False]))", "array([0., 0.])"},
      {"divmod(-7, 2)", "(-4, 1)"},
  });
  check_refusals({
      {"where([True], 1)", "ValueError: either both or neither of x and y should be given"},
      {"clip([1], 2)", "TypeError: clip() missing 1 required positional argument: 'a_max'"},
      {"sqrt([4], dtype=int)",
       "TypeError: No loop matching the specified signature and casting was found for ufunc sqrt"},
      {"add(1.5, 2, dtype=int)",
       "TypeError: Cannot cast ufunc 'add' input 0 from dtype('float64') to dtype('int64') with casting rule "
       "'same_kind'"},
  });
}

TEST_CASE("methods of elementwise functions") {
  check_values({
      {"add.reduce([[1, 2], [3, 4]])", "array([4, 6])"},
      {"subtract.reduce([[9, 2], [3, 4]], axis=1)", "array([ 7, -1])"},
      {"bitwise_xor.reduce([[1, 2], [7, 8]], axis=(0, 1))", "12"},
      {"gcd.reduce(zeros((0, 2), dtype=int))", "array([0, 0])"},
      {"maximum.accumulate([1, 3, 2])", "array([1, 3, 3])"},
      {"multiply.outer([1, 2], [3, 4])", "array([[3, 4],\n       [6, 8]])"},
      {"add.reduceat(arange(8), [0, 4, 1, 5])", "array([ 6,  4, 10, 18])"},
  });
  check_refusals({
      {"sin.reduce([1])", "ValueError: reduce only supported for binary functions"},
      {"subtract.reduce([[1]], axis=None)",
       "ValueError: reduction operation 'subtract' is not reorderable, so at most one axis may be specified"},
      {"fmax.reduce([])", "ValueError: zero-size array to reduction operation fmax which has no identity"},
  });
}

TEST_CASE("creation") {
  check_values({
      {"arange(0, 1, 0.25)", "array([0.  , 0.25, 0.5 , 0.75])"},
      {"arange(0, 2, 0.5, dtype=int)", "array([0, 0, 0, 0])"},
      {"arange(5, 0, -2)", "array([5, 3, 1])"},
      {"arange(float32(2)).dtype", "dtype('float64')"},
      {"linspace(0, 10, 5, retstep=True)", "(array([ 0. ,  2.5,  5. ,  7.5, 10. ]), 2.5)"},
      {"linspace([0, 1], [1, 2], 3, axis=1)", "array([[0. , 0.5, 1. ],\n       [1. , 1.5, 2. ]])"},
      {"eye(2, 3, k=1)", "array([[0., 1., 0.],\n       [0., 0., 1.]])"},
      {"diag([1, 2], k=-1)", "array([[0, 0, 0],\n       [1, 0, 0],\n       [0, 2, 0]])"},
      {"full((2,), 7, dtype=uint8)", "array([7, 7], dtype=uint8)"},
      {"array([[1, 2]]).tolist()", "[[1, 2]]"},
      {"array([[1, 2]]).item(0, -1)", "2"},
      {"(iinfo(uint64).max, iinfo(int8).min)", "(18446744073709551615, -128)"},
      {"finfo(float32).eps", "1.1920929e-07"},
      {"result_type(uint8, float32(1), 2.0)", "dtype('float32')"},
      {"can_cast(int64, int8, casting='same_kind')", "True"},
  });
  check_refusals({
      {"arange(1, 2, 0)", "ZeroDivisionError: division by zero"},
      {"arange(0, inf)", "ValueError: Maximum allowed size exceeded"},
      {"arange(3, dtype=bool)",
       "TypeError: arange() is only supported for booleans when the result has at most length 2."},
      {"linspace(0, 1, -1)", "ValueError: Number of samples, -1, must be non-negative."},
      {"full(2, 300, dtype=uint8)", "OverflowError: Python integer 300 out of bounds for uint8"},
      {"zeros(-1)", "ValueError: negative dimensions are not allowed"},
  });
}

TEST_CASE("shapes") {
  check_values({
      {"arange(6).reshape(2, 3).T.shape", "(3, 2)"},
      {"reshape(arange(6), (2, 3), order='F')", "array([[0, 2, 4],\n       [1, 3, 5]])"},
      {"arange(4).reshape((2, 2)).transpose(1, 0)", "array([[0, 2],\n       [1, 3]])"},
      {"rollaxis(zeros((2, 3, 4)), 2).shape", "(4, 2, 3)"},
      {"roll([[1, 2, 3]], (1, 2), axis=(0, 1))", "array([[2, 3, 1]])"},
      {"concatenate([[[1], [2]], [[3]]], axis=None)", "array([1, 2, 3])"},
      {"repeat([1, 2], [2, 0])", "array([1, 1])"},
      {"broadcast_shapes((2, 1), (3,))", "(2, 3)"},
      {"array([[1, 2]]).nbytes", "16"},
  });
  check_refusals({
      {"fliplr([1])", "ValueError: Input must be >= 2-d."},
      {"stack(3)", "TypeError: arrays to stack must be passed as a \"sequence\" type such as list or tuple."},
  });
}

TEST_CASE("reductions") {
  check_values({
      {"sum([[1, 2], [3, 4]], axis=0, keepdims=True)", "array([[4, 6]])"},
      {"sum([1, 2, 3], where=array([True, False, True]), initial=10)", "14"},
      {"max(zeros((2, 0)), axis=1, initial=-1)", "array([-1., -1.])"},
      {"mean([1, 2, 6], where=[True, True, False])", "1.5"},
      {"count_nonzero([[1, 0], [1, 1]], axis=0)", "array([2, 1])"},
      {"cumsum([[1, 2], [3, 4]])", "array([ 1,  3,  6, 10])"},
      {"argmin([3, 1, 2], keepdims=True)", "array([1])"},
  });
  check_refusals({
      {"max(3, 4)",
       "ValueError: axis 4 is out of bounds for array of dimension 0 (for the larger of two values use maximum(a, b))"},
      {"max([1], where=[True])",
       "ValueError: reduction operation 'maximum' does not have an identity, so to use a where mask one has to specify "
       "'initial'"},
  });
}

TEST_CASE("selections and order") {
  check_values({
      {"take([[1, 2], [3, 4]], [1], axis=1)", "array([[2],\n       [4]])"},
      {"take([1, 2, 3], [5, -7], mode='wrap')", "array([3, 3])"},
      {"choose([0, 1], [[1, 2], [10, 20]])", "array([ 1, 20])"},
      {"array([[1], [2]]).compress([False, True], axis=0)", "array([[2]])"},
      {"unravel_index([22, 41], (7, 6))", "(array([3, 6]), array([4, 5]))"},
      {"ravel_multi_index(([3, 6], [4, 5]), (7, 6))", "array([22, 41])"},
      {"argwhere(3).shape", "(1, 0)"},
      {"tensor_scatter_nd_update([1, 2, 3], [[1]], [9])", "array([1, 9, 3])"},
      {"lexsort(([1, 5, 1], [9, 4, 9]))", "array([1, 0, 2])"},
      {"unique([[1, 2], [1, 2], [0, 5]], axis=0, return_counts=True)",
       "(array([[0, 5],\n       [1, 2]]), array([1, 2]))"},
      {"bincount([0, 1, 1], weights=[0.5, 1, 2])", "array([0.5, 3. ])"},
      {"searchsorted([1, 2, 3], 2, side='right')", "2"},
  });
  check_refusals({
      {"take([], [0])", "IndexError: cannot do a non-empty take from an empty axes."},
      {"choose([3], [[1], [2]])", "ValueError: invalid entry in choice array"},
      {"unravel_index(22, (4, 5))", "ValueError: index 22 is out of bounds for array with size 20"},
      {"partition([1, 2], 5)", "ValueError: kth(=5) out of bounds (2)"},
      {"bincount([-1])", "ValueError: 'list' argument must have no negative elements"},
  });
}

TEST_CASE("products") {
  check_values({
      {"dot([[1, 2], [3, 4]], [5, 6])", "array([17, 39])"},
      {"dot(ones((2, 3)), ones((4, 3, 5))).shape", "(2, 4, 5)"},
      {"inner(ones((2, 3)), ones((4, 3))).shape", "(2, 4)"},
      {"vdot([1j, 2], [1j, 2])", "(5+0j)"},
      {"linalg.cholesky([[4.0, 2], [2, 3]], upper=True)[1, 0]", "0.0"},
  });
  check_refusals({
      {"dot(zeros((2, 3)), zeros(2))", "ValueError: shapes (2,3) and (2,) not aligned: 3 (dim 1) != 2 (dim 0)"},
      {"linalg.qr(eye(2), mode='x')", "ValueError: Unrecognized mode 'x'"},
  });
}

TEST_CASE("files go through the host") {
  std::string kept;
  Host host;
  host.files.write = [&](const std::string&, std::string_view bytes) { kept = bytes; };
  host.files.read = [&](const std::string&) { return kept; };
  Evaluator evaluator(host);
  (void)evaluate(evaluator, "savez('x', [1, 2], second=[3])");
  CHECK(to_repr(evaluate(evaluator, "load('x.npz')")) == "{'second': array([3]), 'arr_0': array([1, 2])}");
  Evaluator without({});
  CHECK(message_of([&] { (void)evaluate(without, "save('x', 1)"); }) ==
        "RuntimeError: files cannot be written here: 'x.npy'");
}

TEST_CASE("the stream of random words is Philox4x32-10") {
  std::array<std::uint64_t, 2> words{};
  RandomState(0).read(0, words);  // known answer of Random123 for counter 0 and key 0
  CHECK(words[0] == 0xe169c58d6627e8d5);
  CHECK(words[1] == 0x9b00dbd8bc57ac4c);
  RandomState state(7);
  std::array<std::uint64_t, 5> at_once{};
  state.read(0, at_once);
  for (const std::uint64_t word : at_once) CHECK(state.next() == word);
}

TEST_CASE("random numbers") {
  check_values({
      {"all(random.default_rng(3).random(1000) == random.default_rng(3).random(1000))", "True"},
      {"abs(mean(random.default_rng(1).normal(5, 2, 100000)) - 5) < 0.05", "True"},
      {"abs(mean(random.default_rng(1).standard_normal(100000) ** 2) - 1) < 0.02", "True"},
      {"abs(mean(random.default_rng(1).exponential(size=100000)) - 1) < 0.02", "True"},
      {"unique(random.default_rng(1).integers(-2, 2, 1000, endpoint=True))", "array([-2, -1,  0,  1,  2])"},
      {"unique(random.default_rng(1).permutation(6))", "array([0, 1, 2, 3, 4, 5])"},
      {"unique(random.default_rng(1).choice(3, 500, p=[0.5, 0.0, 0.5]))", "array([0, 2])"},
      {"random.default_rng(1).uniform([0, 10], [1, 11]).shape", "(2,)"},
  });
  check_refusals({
      {"random.default_rng(1).integers(3, 3)", "ValueError: low >= high"},
      {"random.default_rng(1).normal(0, -1)", "ValueError: scale < 0"},
      {"random.default_rng(1).choice(2, 3, replace=False)",
       "ValueError: Cannot take a larger sample than population when replace is False"},
      {"random.default_rng(1).nope()", "AttributeError: 'Generator' object has no attribute 'nope'"},
      {"random.default_rng(1)()", "TypeError: 'Generator' object is not callable"},
      {"random.default_rng(-1)", "ValueError: expected non-negative integer"},
  });
}
