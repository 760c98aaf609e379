// tracked.h - values that are being differentiated, and the tape of what became of them.
// Knows nothing of syntax, nor of what the gradient of any op is: that is said in library/gradients (gradient_rules.h).
// While a gradient is recorded, its function runs as it always does; only an op that meets a tracked value leaves the
// ordinary way: it is evaluated on what the value stands for, and noted on the tape.
// Invariant: nodes stand on the tape in the order they were made, so operands come before their result; a tape of a
// higher level is inside the function that a lower one records, and what a value stands for is of a lower level.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "grammar/ast.h"
#include "interpreter/operations/op_table.h"
#include "interpreter/subscripts/index_plan.h"

namespace inlay {

class RegionGradient;
class RowRules;
struct Tape;

/// A float that is being differentiated, on one tape.
struct TrackedObject final : Object {
  Value primal;  // what it stands for: a tensor or a plain number, or a tracked value of a lower level
  Ref<Tape> tape;
  int node = -1;
};

/// Where the cotangent of an argument goes: to a node, to the nodes of a list's elements, or nowhere.
struct Link {
  int node = -1;
  std::vector<Link> parts;
  [[nodiscard]] bool leads_anywhere() const { return node >= 0 || !parts.empty(); }
};

/// One evaluation of an op, or an input of the function, or (`parent` set) one part of a result of several.
struct Node {
  DType dtype{};  // of the result; of a plain number's, float64 or complex128
  Shape shape;
  const RowRules* rules = nullptr;
  std::shared_ptr<const RegionGradient> region;      // of a region, in place of rules
  std::optional<Shape> reduced;                      // of a region that ends in a reduction: the shape before it
  bool is_mean = false;                              // whether that was a mean, else a sum
  std::vector<Value> arguments;                      // those that a rule reads; the others are undefined
  Value result;                                      // if a rule reads it
  std::vector<std::pair<std::size_t, Link>> inputs;  // by parameter
  int parent = -1;
  std::size_t part = 0;
  std::size_t part_count = 0;  // of a result of several
  int first_part = -1;
};

struct Tape : Object {
  /// Room on a fresh tape, which then grows as it needs.
  static constexpr std::size_t kFewNodes = 32;
  Tape(Evaluator& owner, int level_of_tape) : evaluator(owner), level(level_of_tape) {}
  /// Notes an op that was evaluated: some of the arguments are tracked here, the primals are one level down, undefined
  /// where the op has taken them. Gives the result, tracked if it carries a gradient.
  virtual Value note(const OpRow& row, std::span<const Value> arguments, std::span<const Value> primals, Value result);
  /// The program is about to go by what a tracked value is.
  virtual void decide() const {}
  /// Another node, charged. Throws LimitExceeded.
  Node& add();
  /// Room for more nodes than there is room for.
  void reserve(std::size_t count);
  /// Charges what a node has besides itself: its links and arguments.
  void charge_parts(const Node& node);
  Evaluator& evaluator;
  const int level;
  std::vector<Node> nodes;
};

/// What a tracked value stands for in the end, an ordinary value; any other value itself.
const Value& primal_of(const Value& value);
/// The same with the elements of lists, tuples and dicts.
Value without_tracking(const Value& value);
/// The highest level of a tape that a value, or an element of a list or tuple, is tracked on; 0: none.
int tracking_level(const Value& value);
inline bool is_tracked(const Value& value) { return value.is(Value::Tag::tracked); }
/// Whether a value is of floats, which alone carry gradients.
bool carries_gradient(const Value& value);

/// A new input of the tape that stands for `primal`.
Value track(Tape& tape, Value primal);
/// A value that stands for `primal` at a node of the tape.
Value tracked_on(Tape& tape, Value primal, int node);
/// Notes a region that was evaluated as a whole.
Value note_region(Tape& tape, std::shared_ptr<const RegionGradient> gradient, std::span<const Value> operands,
                  Value result);

/// Evaluates an op some of whose arguments may be tracked, and notes it. TypeError if the op has no gradient.
Value evaluate_tracked(OpCall& call);
/// Calls the row `name` of the core, its leading parameters given.
Value call_core(Evaluator& evaluator, std::string_view name, std::vector<Value> arguments);
/// The same with arguments that may be taken over; on throw they are what they were.
Value call_core_taking(Evaluator& evaluator, std::string_view name, std::vector<Value>& arguments,
                       std::uint64_t consumed);

/// a op b, -a, a < b, bool(a), x[index], x.name where an operand is tracked. An attribute that is not known is
/// undefined.
Value tracked_binary(ast::BinaryOp op, const Value& a, const Value& b);
Value tracked_unary(ast::UnaryOp op, const Value& a);
Value tracked_compare(ast::CompareOp op, const Value& a, const Value& b);
bool tracked_truth(const Value& value);
Value tracked_subscript(const Value& object, const Value& index);
Value tracked_attribute(const Value& object, std::string_view name);
/// add.reduce(x) and the like as functions of the core; TypeError for those that have none.
Value tracked_ufunc_method(Evaluator& evaluator, const OpRow& ufunc, std::string_view method,
                           std::vector<Value> positional, std::vector<std::pair<std::string, Value>> keywords);
/// float(x) and the like: they would drop the gradient in silence.
[[noreturn]] void refuse_to_drop(std::string_view call);

/// The steps of a path as a value, for the core's `_read_path` and `_write_path` alone.
Value path_value(std::vector<PathStep> steps);
const std::vector<PathStep>& steps_of(const Value& path);

/// target<path> = value, in place where nobody else holds the target; on throw it is what it was.
void write_tracked(Evaluator& evaluator, Value& target, const Value& path, const Value& value);
struct MutatorCall;
/// x.sort(), put(x, i, v) … where x or an argument is tracked.
void mutate_tracked(Value& target, const MutatorCall& call);

/// x as a cotangent of a value of that shape and dtype: summed over the axes that broadcasting the shape to x's added
/// or stretched, spread where it is smaller, its real part where the value is real.
Tensor fitted_to(const Tensor& x, const Shape& shape, DType dtype);

/// The pull of a cotangent from the results of a tape to its inputs.
class Pullback {
 public:
  /// `is_last`: the tape is not needed again, so what it keeps may go on the way.
  Pullback(Tape& tape, bool is_last) : tape_(tape), is_last_(is_last), cotangents_(tape.nodes.size()) {}
  void run(int node, Value seed);
  /// Of an input; undefined where nothing came.
  [[nodiscard]] const Value& of(int node) const { return cotangents_[static_cast<std::size_t>(node)]; }

 private:
  void pull(int id);
  void pull_region(Node& node, Value cotangent);
  void pull_ops(Node& node, Value& cotangent);
  void pull_parameter(Node& node, std::size_t input, Value& cotangent, bool moves);
  void distribute(const Link& link, Value cotangent);
  void accumulate(int node, Value cotangent);
  Value fitted(const Node& node, Value cotangent);
  Value parts_of(const Node& node);

  Tape& tape_;
  bool is_last_;
  std::vector<Value> cotangents_;
};

}  // namespace inlay
