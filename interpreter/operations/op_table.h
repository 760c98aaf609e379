// op_table.h - the ops of the functional core and the built-in functions: one row each, beside the code that evaluates
// it. Adding one costs a row in an ops_*.cpp, its kernel and a test; whatever can be said in the language is a function
// in library/ instead. Invariant: rows are constant data; names are unique per module; arguments reach `evaluate` bound
// in the order of `signature`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interpreter/values/value.h"
#include "runtime/elementwise/elementwise.h"

namespace inlay {

class Evaluator;

/// Where a name is visible.
enum Visibility : std::uint16_t {
  kNumpy = 1,        // bare, and as np.name
  kPython = 2,       // bare only
  kMath = 4,         // math.name
  kLinalg = 8,       // linalg.name, np.linalg.name
  kRandom = 16,      // random.name, np.random.name
  kTensorflow = 32,  // tf.name (most of tf is library/tensorflow/)
  kInternal = 64,    // for library/ only; names start with `_`
  kMethod = 128,     // also a method of tensors, which is then the first argument
};

/// What lowering may know of a result before running.
enum class ResultKind : std::uint8_t {
  any,
  tensor,            // a tensor of a shape of its own
  vector,            // a tensor of rank 1
  elementwise,       // a tensor of the operands' broadcast shape
  elementwise_mask,  // the same, of bools
};

/// One evaluation of a row.
struct OpCall {
  Evaluator& evaluator;
  const OpRow& row;
  std::span<Value> arguments;       // one per parameter; `*args` is one tuple
  std::uint64_t consumed = 0;       // bit i: nobody needs argument i afterwards, its tensor may be taken over
  ElementwisePlan* plan = nullptr;  // the call site's inline cache, or null

  Value& operator[](std::size_t at) { return arguments[at]; }
  [[nodiscard]] bool may_reuse(std::size_t at) const { return at < 64 && ((consumed >> at) & 1) != 0; }
};

struct OpRow {
  std::string_view name;
  /// Python's parameter list: "a, axis=None, *, keepdims=False", "*args", "**keywords". Defaults are literals: None,
  /// True, False, numbers, 'text'.
  std::string_view signature;
  std::uint16_t visibility;
  ResultKind result;
  Value (*evaluate)(OpCall&);
  int data = 0;  // tells rows apart that share an `evaluate`
};

struct OpParameter {
  std::string name;
  Value default_value;  // undefined: required
  bool keyword_only = false;
  bool positional_only = false;
  bool star = false;
  bool keywords = false;  // `**keywords`, last: a dict of the keywords that no other parameter has
};
struct Signature {
  std::vector<OpParameter> parameters;
  int star = -1;  // index of `*args`, or -1
};

/// Every row, in the order of the files that hold them.
std::span<const OpRow* const> op_rows();
/// The row of this name visible under any of `visibility`; null if there is none.
const OpRow* find_op(std::string_view name, std::uint16_t visibility);
/// The parsed signature of a row (parsed once, immutable, thread-safe).
const Signature& signature_of(const OpRow& row);

/// Each family's rows, defined beside their code (ORDER FAMILIES in op_table.cpp).
std::span<const OpRow> python_ops();
std::span<const OpRow> elementwise_ops();
std::span<const OpRow> creation_ops();
std::span<const OpRow> shape_ops();
std::span<const OpRow> reduce_ops();
std::span<const OpRow> index_ops();
std::span<const OpRow> sort_ops();
std::span<const OpRow> linalg_ops();
std::span<const OpRow> math_ops();
std::span<const OpRow> file_ops();
std::span<const OpRow> random_ops();
std::span<const OpRow> help_ops();
std::span<const OpRow> printing_ops();
std::span<const OpRow> gradient_ops();
std::span<const OpRow> pullback_ops();

// ---- reading arguments (arguments.cpp) ----

/// A tensor, a number, or nested lists of them as a tensor.
Tensor tensor_argument(Value& value);
/// A tensor or a weak plain number; lists become tensors.
Operand operand_argument(Value& value);
/// The same, of what is one number. ValueError "setting an array element with a sequence."
Operand number_operand(Value& value);
/// None -> absent.
std::optional<DType> dtype_argument(const Value& value);
/// One axis, unchecked. An int, but no bool, unlike an index: TypeError.
std::int64_t axis_number(const Value& value);
/// None, an int or a tuple/list of ints, normalised and distinct: the axes to reduce over (all of them for None).
std::vector<int> axes_argument(const Value& value, std::size_t rank);
std::optional<int> axis_argument(const Value& value, std::size_t rank);
/// An int or a sequence of ints: a shape. ValueError "negative dimensions are not allowed".
Shape shape_argument(const Value& value);
/// An int or a sequence of ints, unchecked.
Dims dims_argument(const Value& value);
/// Counts or positions as int64: a tensor must cast by the rule ("safe", "same_kind"), numbers and lists are cut to
/// whole numbers.
Tensor whole_numbers_argument(Value& value, std::string_view casting);
/// numpy.can_cast(from, to, casting). ValueError if there is no such rule.
bool can_cast(DType from, DType to, std::string_view casting);
/// Whether order='F': columns first. 'A' and 'K' ask for what tensors do not have, a layout of their own.
bool is_column_order(const Value& value);
std::int64_t int_argument(const Value& value);
bool bool_argument(const Value& value);
std::string_view string_argument(const Value& value, std::string_view parameter);

}  // namespace inlay
