// machine.h - executes the functional core: one C++ call per function of the language, registers in a frame, the steps
// its blocks were made into one after the other (code.h). Private to the evaluator's .cpp files. Invariant: an
// instruction either completes and stores its results, or throws and has changed no variable.
#pragma once

#include <map>

#include "interpreter/machine/evaluator.h"
#include "interpreter/machine/watcher.h"
#include "interpreter/random/random_generator.h"
#include "interpreter/subscripts/plain_parts.h"
#include "interpreter/texts/print_options.h"
#include "runtime/memory/stack.h"

namespace inlay {

/// One activation of a function.
struct Frame {
  LinkedProgram& linked;
  const ir::Function& function;
  Value* registers;
  const Value* constants;  // of the program
  Value* const* globals;   // of the program's module
  std::size_t undo_base;   // statements of callers are below it
  std::vector<Ref<CellObject>> cells;
  std::vector<std::pair<std::string_view, std::int64_t>> sizes;  // named sizes of contracts
};

class GradientRules;

/// What runs now, for whoever asks while it takes long.
struct RunningOperation {
  const ir::Instruction* instruction = nullptr;
  const Frame* frame = nullptr;
  const OpRow* row = nullptr;  // of an op that is called as a value
};

/// An element that a statement with several targets has overwritten, in a variable's row-major tensor or its list.
struct KeptElement {
  const Frame* frame;     // which runs the statement
  Value* slot;            // of the variable
  std::ptrdiff_t offset;  // in bytes; of a list, the position
  std::size_t size;
  std::byte old[8];
  Value item;  // what the list held
};

/// What an evaluator keeps between runs.
struct Evaluator::State {
  Value main;  // the main module
  std::map<std::string, Value, std::less<>> modules;
  std::map<int, ir::ProgramPtr> library_programs;      // compiled files of library/, by number; forks have them too
  std::vector<std::weak_ptr<LinkedProgram>> programs;  // alive ones may hold each other's functions as fallbacks
  std::vector<std::pair<Value*, Value>> undo;          // old values of variables rebound by the running statement
  std::vector<KeptElement> kept_elements;              // the same of variables of which only elements were changed
  Registry<CellObject> cells;                          // so that cycles through them can be broken at the end
  Registry<GeneratorObject> generators;
  std::vector<std::unique_ptr<Value[]>> register_chunks;
  std::unique_ptr<Value[]> spare_registers;  // a chunk that was left, for who comes and goes at its border
  Value* next_register = nullptr;            // the first free one of the last chunk …
  Value* end_register = nullptr;             // … and its end
  int depth = 0;
  StackBound stack;                          // of the thread that runs
  int runs = 0;                              // in progress: a function of the host may run a script in turn
  int uses = 0;                              // BusyScopes that are alive
  bool is_over = false;                      // end() was called
  Evaluator::Owner owner{nullptr, nullptr};  // of this, to be destroyed when the last BusyScope is left
  int reported_loops = 0;                    // over progress(), one inside the other
  RunningOperation operation;
  std::uint64_t operations = 0;  // that have begun
  std::vector<std::string> importing;
  std::unique_ptr<PrintContext> context_owner;
  std::unique_ptr<RandomState> random;
  RandomState unseeded{0};         // where the host lends no entropy, generators without a seed spawn from it
  Watcher* watcher = nullptr;      // who looks on, if anybody
  std::uint64_t* moved = nullptr;  // bytes that operations read and write, where they are counted …
  std::uint64_t counted = 0;       // … and instructions that were
  const ir::Instruction* failed_op = nullptr;  // the op that failed last, and what it was given
  std::vector<OperandNote> failed_operands;
  int recording = 0;                              // how many gradients are being recorded, one inside the other
  std::shared_ptr<GradientRules> gradient_rules;  // looked up so far
};

/// Notes what runs for the current scope.
class OperationScope {
 public:
  OperationScope(Evaluator::State& state, const RunningOperation& operation)
      : place_(state.operation), previous_(std::exchange(state.operation, operation)) {
    ++state.operations;
  }
  ~OperationScope() { place_ = previous_; }
  OperationScope(const OperationScope&) = delete;
  OperationScope& operator=(const OperationScope&) = delete;

 private:
  RunningOperation& place_;
  const RunningOperation previous_;
};

/// Arguments of a call, evaluated.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> keywords;
};

struct Machine {
  Evaluator& evaluator;
  Evaluator::State& state;

  explicit Machine(Evaluator& owner) : evaluator(owner), state(*owner.state_) {}

  /// Runs a function's body in a fresh frame with a value for each parameter, which it takes. Gives what it returns.
  Value run_function(LinkedProgram& linked, const ir::Function& function, const std::vector<Ref<CellObject>>& captured,
                     std::span<Value> arguments);

  // ---- machine_run.cpp ----
  /// Runs a function's steps and gives what it returns. Errors know their place.
  Value run(const Code& code, Frame& frame);

  // ---- machine.cpp ----
  /// Runs an instruction that is no control flow, and stores what it gives.
  void instruction(const ir::Instruction& instruction, Frame& frame);
  /// The same with what it moves counted, unless that is counted for others inside it.
  void counted(const ir::Instruction& instruction, Frame& frame);
  /// The result of an instruction that has one.
  Value evaluate(const ir::Instruction& instruction, Frame& frame);
  Value result_of(const ir::Instruction& instruction, Frame& frame);
  /// Runs an instruction that stores its results by itself, or has none; false if this is no such.
  bool perform(const ir::Instruction& instruction, Frame& frame);
  bool perform_alone(const ir::Instruction& instruction, Frame& frame);
  /// Empties the registers that the instruction was the last to use, but for its results: a view that nobody can read
  /// any more would have the next update copy.
  void let_go(const ir::Instruction& instruction, Frame& frame) {
    if (instruction.consumed != 0 || !instruction.drops.empty()) let_go_each(instruction, frame);
  }
  void let_go_each(const ir::Instruction& instruction, Frame& frame);
  /// Runs a block without control flow, of a region.
  void body(const ir::Block& block, Frame& frame);
  /// Throws the error that is being handled again, with its place.
  [[noreturn]] void locate(const ir::Instruction& instruction, Frame& frame);
  Value& read(ir::Place place, Frame& frame);
  Value& read_variable(ir::Place place, Frame& frame);
  /// The operand moved out if this is its last use, else another holder of it.
  Value take(const ir::Instruction& instruction, std::size_t at, Frame& frame);
  void store(ir::Place place, Value value, Frame& frame);
  void store_result(const ir::Instruction& instruction, Value value, Frame& frame);
  void store_variable(const ir::Instruction& instruction, Value value, Frame& frame);
  /// The variable an unbound name stands for: a built-in, or NameError.
  Value& unbound(ir::Place place, Frame& frame);
  /// An error with its place, and with what the instruction was given.
  LocatedError located(const Error& error, const ir::Instruction& instruction, Frame& frame);
  void note_operands(const ir::Instruction& instruction, std::span<const Value> values) noexcept;
  /// Pays for instructions that are about to run.
  void spend(std::uint64_t steps) { state.context_owner->budget.spend(steps); }

  // ---- machine_values.cpp ----
  Value make_sequence(const ir::Instruction& instruction, Frame& frame);
  Value make_dict(const ir::Instruction& instruction, Frame& frame);
  Value make_slice(const ir::Instruction& instruction, Frame& frame);
  void unpack(const ir::Instruction& instruction, Frame& frame);
  Value format(const ir::Instruction& instruction, Frame& frame);
  Value join(const ir::Instruction& instruction, Frame& frame);
  Value make_function(const ir::Instruction& instruction, Frame& frame);
  /// A function without defaults and captured variables.
  static Value function_value(std::shared_ptr<LinkedProgram> program, const ir::Function& function);
  [[noreturn]] void raise_user(const ir::Instruction& instruction, Frame& frame);
  Value check_contract(const ir::Instruction& instruction, Frame& frame);
  Value get_item(const ir::Instruction& instruction, Frame& frame);
  Value subscript_index(const ir::Instruction& instruction, std::size_t first, const ir::SubscriptShape& shape,
                        Frame& frame);
  bool get_quickly(const ir::Instruction& instruction, const ir::SubscriptShape& shape, Frame& frame, Value& out);
  Value append(const ir::Instruction& instruction, Frame& frame);
  Value insert(const ir::Instruction& instruction, Frame& frame);

  // ---- machine_calls.cpp ----
  Value op(const ir::Instruction& instruction, Frame& frame);
  Value op_on(Value* values, const OpRow& row, const Signature& signature, const ir::Instruction& instruction,
              Frame& frame);
  Value evaluate_op(OpCall& call);
  Value call(const ir::Instruction& instruction, Frame& frame);
  Arguments arguments(const ir::Instruction& instruction, const ir::CallShape& shape, std::size_t first, Frame& frame);
  Value apply(const Value& function, Arguments arguments);
  Value apply_function(const FunctionObject& function, Arguments& arguments);
  /// A call with one plain argument per parameter, the commonest by far; or of the operands of these numbers, one per
  /// parameter, 0 being its default.
  Value call_direct(const ir::Instruction& instruction, Value callee, Frame& frame,
                    const std::size_t* operands = nullptr);
  Value apply_op(const OpRow& row, Arguments& arguments);
  /// indexer[index]: its function of the index, placed as a call is in errors.
  Value call_indexer(const ir::Instruction& instruction, const Value& indexer, Value index, Frame& frame);
  void note_call(LocatedError& error, const FunctionObject& function, const Frame& caller, Span span);

  // ---- machine_methods.cpp ----
  Value call_method(const ir::Instruction& instruction, Frame& frame);
  Value call_plain_method(const Value& self, const ir::Instruction& instruction, const ir::CallShape& shape,
                          Frame& frame);
  Value call_op_method(Value& self, const ir::Instruction& instruction, const ir::CallShape& shape, Frame& frame);
  Value call_op_method_on(Value* values, Value& self, const MethodLink& link, const ir::Instruction& instruction,
                          Frame& frame);
  Value apply_method(Value& self, std::string_view name, Arguments arguments);
  Value tensor_method(Value& self, std::string_view method, Arguments arguments);

  // ---- machine_updates.cpp ----
  void update(const ir::Instruction& instruction, Frame& frame);
  void mutate(const ir::Instruction& instruction, Frame& frame);
  void remove(const ir::Instruction& instruction, Frame& frame);
  void store_where(const ir::Instruction& instruction, Frame& frame);
  /// Runs `change` on the variable an update rebinds: in its own place if it is consumed there, else on a copy of the
  /// handle, as for a tensor that is not short.
  template <class Change>
  void rebind(const ir::Instruction& instruction, Frame& frame, const Change& change);
  /// The same; `takes_long(tensor)`: whether the change of one that is not short takes too long to be made where it
  /// stands, since it cannot be stopped there.
  template <class Change, class TakesLong>
  void rebind(const ir::Instruction& instruction, Frame& frame, const Change& change, const TakesLong& takes_long);
  bool update_simply(const ir::Instruction& instruction, const ir::PathShape& path, std::optional<ast::BinaryOp> op,
                     Frame& frame);

  // ---- machine_quick_updates.cpp ----
  /// The variable of an update that may be changed where it stands; null if it is built in, kept for undoing, or needed
  /// afterwards. `is_element`: what is changed of it is kept by itself.
  Value* own_target(const ir::Instruction& instruction, Frame& frame, bool is_element = false);
  bool update_quickly(const ir::Instruction& instruction, const ir::PathShape& path, Frame& frame);
  bool update_target(const ir::Instruction& instruction, const ir::PathShape& path, Value& root, Frame& frame);
  /// What the first `count` subscripts of a path lead to, lists and dicts that were entered on the way being nobody
  /// else's afterwards; null where one is no plain index or key that is there, which changes nothing that can be seen.
  Value* enter(Value& root, const ir::Instruction& instruction, std::size_t count, Frame& frame);
  bool mutate_quickly(const ir::Instruction& instruction, const ir::MutationShape& shape, Frame& frame);

  // ---- machine_undo.cpp ----
  /// Keeps what a variable held before the statement until that is complete.
  void keep_old(Value* slot, const Frame& frame);
  /// Whether that is done for certain.
  [[nodiscard]] bool is_kept(const Value* slot, const Frame& frame) const;
  /// The same of the one element that an assignment is about to overwrite; false if it is not that simple.
  bool keep_element(const ir::Instruction& instruction, const ir::PathShape& path, Frame& frame);
  /// Notes which element of a variable's tensor an assignment is about to overwrite; false likewise.
  bool note_element(const ir::Instruction& instruction, const ir::PathShape& path, Frame& frame, KeptElement& kept);
  /// Keeps whole variables instead of elements: who looks next may hold on to them, or run statements of its own.
  void keep_whole();
  /// The statement has failed: what was overwritten is put back, behind which `undo` is right.
  void put_elements_back(const Frame& frame);
  /// The statement is complete.
  void forget_old(const Frame& frame);

  // ---- machine_regions.cpp ----
  /// Computes a region; false if its operands are no tensors, or were none the last times, and its body is to run.
  /// `misses` is what the call site remembers.
  bool region(const ir::Instruction& instruction, Frame& frame, std::uint8_t& misses);
  /// The same where the operands are small and lie simply; false if they do not, and nothing has happened. Of a region
  /// that has been planned, or of what a mask chooses, which is planned here.
  bool flat_region(const ir::Instruction& instruction, Frame& frame);  // machine_flat_regions.cpp
  /// Runs an instruction that hands on nothing; errors know its place.
  void run_one(const ir::Instruction& instruction, Frame& frame);
  /// The same of one that no step stands for, which a watcher would not see otherwise.
  void run_shown(const ir::Instruction& instruction, Frame& frame);
};

/// What stands between the commas of `x[i, a:b]`, without a tuple made of it.
class PlainItems {
 public:
  /// False if there are too many. The items are the operands from `first` on.
  bool read(Machine& machine, const ir::Instruction& in, const ir::SubscriptShape& shape, Frame& frame,
            std::size_t first = 1) {
    count_ = shape.is_slice.size();
    next_ = first;
    if (count_ > kMost) return false;
    const auto bound = [&](std::size_t at) { return in.operands[at] ? &machine.read(in.operands[at], frame) : &none_; };
    for (std::size_t item = 0; item < count_; ++item) {
      if (shape.is_slice[item]) {
        items_[item] = {nullptr, bound(next_), bound(next_ + 1), bound(next_ + 2)};
        is_element_ = false;
        next_ += 3;
      } else {
        items_[item].index = indices_[item] = &machine.read(in.operands[next_++], frame);
        is_element_ = is_element_ && indices_[item]->is(Value::Tag::integer);
      }
    }
    return true;
  }
  [[nodiscard]] std::span<const PlainItem> all() const { return {items_, count_}; }
  /// Whether they are ints.
  [[nodiscard]] bool is_element() const { return is_element_; }
  /// Where it is that.
  [[nodiscard]] std::span<const Value* const> indices() const { return {indices_, count_}; }
  /// The first operand behind them.
  [[nodiscard]] std::size_t next() const { return next_; }

 private:
  static constexpr std::size_t kMost = 4;
  Value none_ = Value::none();
  PlainItem items_[kMost];
  const Value* indices_[kMost];
  std::size_t count_ = 0, next_ = 0;
  bool is_element_ = true;
};

inline Value& Machine::read(ir::Place place, Frame& frame) {
  if (place.kind == ir::Place::Kind::reg) return frame.registers[place.index];
  // Constants are shared by every run: readers never move from them, since nothing marks them consumed.
  if (place.kind == ir::Place::Kind::constant) return const_cast<Value&>(frame.constants[place.index]);
  return read_variable(place, frame);
}

inline Value Machine::take(const ir::Instruction& in, std::size_t at, Frame& frame) {
  Value& value = read(in.operands[at], frame);
  if (in.consumes(at) && in.operands[at].kind == ir::Place::Kind::reg) return std::move(value);
  return value;
}

inline void Machine::store_result(const ir::Instruction& in, Value value, Frame& frame) {
  const ir::Place place = in.results[0];
  if (place.kind == ir::Place::Kind::reg)
    frame.registers[place.index] = std::move(value);
  else
    store_variable(in, std::move(value), frame);
}

/// The variable that an instruction rebinds, if the tensor it holds may be written over by the new one: nobody else
/// holds it, and no failing statement will ask for it. Null otherwise.
Value* replaced_value(const ir::Instruction& instruction, Frame& frame);

/// Calls with so many arguments have them on the stack, in one of two sizes.
inline constexpr std::size_t kFewArguments = 4;

/// Removes frames of the library from an error: users see the place of their own call.
void relocate(LocatedError& error, const LinkedProgram& caller, Span span);
/// TypeError if an argument is tracked: what runs outside the core cannot be differentiated.
void refuse_tracked(const Arguments& arguments, const std::string& what);

/// A module without variables.
Value make_module(std::string_view name, std::uint16_t visibility);

/// object[index] for anything.
Value subscript(const Value& object, const Value& index);
/// Python's slice.indices: first position, step and number of positions in a sequence of `size`.
void slice_range(const SliceObject& slice, std::int64_t size, std::int64_t& start, std::int64_t& step,
                 std::int64_t& count);
/// Python's format(value, spec).
std::string format_value(const Value& value, std::string_view spec);

}  // namespace inlay
