// evaluator.h - one interpreter: module variables, modules, caches, and what the host lends (output, files, arguments).
// Takes texts whole and has them made into programs (checking/compile.cpp); knows neither their syntax nor terminals.
// Invariant: single-threaded; a failed statement leaves every module variable as it was. Nothing here is global: any
// number may live side by side.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grammar/ast.h"
#include "interpreter/files/array_files.h"
#include "interpreter/lowering/ir.h"
#include "interpreter/machine/code.h"
#include "interpreter/machine/registry.h"
#include "interpreter/values/value.h"

namespace inlay {

/// One call on the way to an error, innermost first.
struct CallSite {
  std::string function;
  SourcePtr source;
  Span span;
};

/// What an operation was given that failed.
struct OperandNote {
  std::string_view type;  // of a tensor, its dtype
  bool is_tensor = false;
  Shape shape;
};

/// An error with its place. Thrown out of Evaluator and out of compile().
class LocatedError : public Error {
 public:
  LocatedError(const Error& error, SourcePtr in, Span where) : Error(error), source(std::move(in)), span(where) {}
  SourcePtr source;
  Span span;
  std::vector<CallSite> calls;
  std::vector<OperandNote> operands;
};

/// Variables of a module, at addresses that stay.
class Environment {
 public:
  /// The variable's slot, made undefined if it is new.
  Value& slot(std::string_view name);
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] bool is_bound(std::string_view name) const;
  /// Adds the names that are bound, in order of first appearance.
  void collect_bound(std::vector<std::string>& out) const;
  /// Names in order of first appearance; some may be unbound.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// The value of each name, undefined ones too.
  [[nodiscard]] std::vector<Value> values() const { return {slots_.begin(), slots_.end()}; }
  /// Gives the first names these values, and unbinds the others.
  void assign(std::span<const Value> values);
  void clear();

 private:
  std::map<std::string, Value*, std::less<>> index_;
  std::deque<Value> slots_;
  std::vector<std::string> names_;
};

/// A module as a value: a script's, one of the library's, or built in.
struct ModuleObject final : Object {
  std::string name;
  std::uint16_t visibility = 0;  // ops that are its members
  Environment variables;
  std::string str, repr;  // the texts of an object of attributes that is no module: iinfo, finfo
};

class RegionGradients;

/// Arguments of a call that go without memory of their own.
inline constexpr std::size_t kInlineArguments = 12;

/// What `x.name(…)` is where x is a tensor: an op, and the parameter that each argument is for.
struct MethodLink {
  bool is_known = false;
  const OpRow* row = nullptr;  // null: more is to be asked
  std::span<const OpParameter> parameters;
  std::array<std::uint8_t, kInlineArguments> places{};
};

/// A program joined with the variables it runs over: slots, fallbacks and inline caches.
struct LinkedProgram {
  ir::ProgramPtr program;
  ModuleObject* module = nullptr;  // owned by the evaluator
  std::vector<Value*> globals;
  std::vector<Value> fallbacks;  // the built-in each name means while unbound, looked up on first use
  std::vector<ElementwisePlan> plans;
  std::vector<RegionPlan> regions;                                 // by the number of their shape
  std::vector<std::shared_ptr<RegionGradients>> region_gradients;  // the same, those that were asked for
  std::weak_ptr<LinkedProgram> self;                               // for functions, which keep their program alive
  std::vector<MethodLink> methods;                                 // by the number of their call
  std::vector<std::unique_ptr<Code>> codes;  // by the number of their function; made when it is first called

  const Code& code(const ir::Function& function, bool watched) {
    std::unique_ptr<Code>& made = codes[static_cast<std::size_t>(function.number)];
    if (!made) made = make_code(*program, function, watched);
    return *made;
  }
};

/// A cell: a local variable that closures see.
struct CellObject final : Object, Registered<CellObject> {
  Value value;
};

/// A function of the language.
struct FunctionObject final : Object {
  std::shared_ptr<LinkedProgram> program;
  const ir::Function* function = nullptr;
  std::vector<Value> defaults;
  std::vector<Ref<CellObject>> captured;
  int plain_parameters = -1;  // how many, if all may be given by position and none collects others; else -1
};

/// How far a loop over progress() has come, or an operation that takes long, for the host.
struct ProgressNote {
  std::string_view label;
  std::int64_t done = 0, total = 0;  // rounds; of an operation shares of its work, 0 where that is not known
  double seconds = 0;
  int depth = 0;  // how many such loops it is inside
  bool is_over = false;
  bool is_operation = false;
};

/// What the host lends. Absent callbacks: output is discarded, imports and files are refused.
struct Host {
  std::function<void(std::string_view)> print;
  std::function<void(std::string_view)> warn;
  /// The value of an expression alone on a line, for a REPL.
  std::function<void(const Value&)> echo;
  std::function<void(const ProgressNote&)> progress;
  /// Text of module `name`, or null.
  std::function<SourcePtr(std::string_view name)> load_module;
  FileSystem files;
  std::vector<std::string> arguments;
  /// 64 random bits, for a generator that a script does not seed. Absent: the same for every evaluator.
  std::function<std::uint64_t()> entropy;
  bool fuse = true;  // elementwise ops run together where they can (fuse.h)
  Limits limits = Limits::none();
};

/// What Evaluator::restore goes back to. Belongs to the evaluator's thread.
struct EvaluatorSnapshot;

/// `exit(code)` on its way out.
struct ExitRequest {
  int code;
};

struct Frame;
class RandomState;
struct PrintOptions;
struct CheckOptions;
struct StaticError;

class Evaluator {
 public:
  explicit Evaluator(Host host);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// Parses, checks and lowers. Throws LocatedError (SyntaxError, NameError).
  ir::ProgramPtr compile(SourcePtr source, bool echo = false);
  /// The same of a text that is only shown: what the variables hold now is made use of.
  ir::ProgramPtr compile_shown(SourcePtr source);
  /// The same of a text that is the body of a function (function_program.h).
  ir::ProgramPtr compile_function(SourcePtr source, std::span<const std::string_view> parameters);
  /// Every static error of a text, without running it.
  std::vector<StaticError> check(SourcePtr source);
  /// Runs a program's top level over the main module's variables. Throws LocatedError, ExitRequest.
  void run(ir::ProgramPtr program);
  /// A program ready to run any number of times over the main module's variables; what it learns about its call sites
  /// stays with it.
  std::shared_ptr<LinkedProgram> prepare(ir::ProgramPtr program);
  /// Runs it, in a RunScope of the caller's. Adds up in `moved`, if there is one, the bytes that operations read and
  /// write.
  void run_prepared(const std::shared_ptr<LinkedProgram>& program, std::uint64_t* moved = nullptr);
  /// The function of a program that compile_function made.
  static Value function_of(const std::shared_ptr<LinkedProgram>& program);
  /// The value of one expression.
  Value evaluate(SourcePtr expression);

  /// Calls anything callable.
  Value call(const Value& function, std::vector<Value> arguments,
             std::vector<std::pair<std::string, Value>> keywords = {});
  /// `object.name`
  Value attribute(const Value& object, std::string_view name);
  /// Another evaluator whose variables are copies of these: tensors, lists and dicts are shared until either side
  /// writes; functions, modules and generators are its own. It may go to another thread. Nothing may be running here.
  /// Throws RecursionError for values nested too deeply.
  [[nodiscard]] std::unique_ptr<Evaluator> fork(Host host);
  /// The variables as they are now, and where random numbers stand. Cost: a few instructions for each variable, and for
  /// each generator.
  [[nodiscard]] std::shared_ptr<const EvaluatorSnapshot> snapshot();
  /// Variables, and the generators there were then, as they were. Modules imported since stay imported.
  void restore(const EvaluatorSnapshot& snapshot);

  /// Names that attribute() finds, in no order; for completion.
  [[nodiscard]] std::vector<std::string> attribute_names(const Value& object) const;
  /// A built-in by its bare name; undefined if there is none. Loads the library file that defines it.
  Value builtin(std::string_view name);
  /// A library function that is also a method of tensors; undefined if there is none.
  Value library_method(std::string_view name);
  /// A function of library/gradients; undefined if there is none of this name.
  Value gradient_rule(std::string_view name);
  /// A module by its dotted name; ImportError with the nearest name.
  Value import(std::string_view name);
  /// Every name that is bound or built in, for completion.
  [[nodiscard]] std::vector<std::string> known_names() const;

  [[nodiscard]] bool is_builtin(std::string_view name) const;
  /// What is wrong with `module.name` of a built-in module, without loading anything; empty if nothing is, or the
  /// module is not built in.
  [[nodiscard]] std::string missing_member(std::string_view module, std::string_view name) const;

  [[nodiscard]] Environment& variables();
  /// The generator behind random.rand and friends.
  RandomState& random();
  /// The state of a generator without a seed: from the host's entropy, or else another one at each call, the same ones
  /// in every evaluator.
  RandomState unseeded();
  /// A generator as a value; snapshots know it.
  Value new_generator(const RandomState& state, bool is_legacy);
  [[nodiscard]] Host& host() { return host_; }
  [[nodiscard]] Context& runtime_context();
  /// How tensors print here: numpy.set_printoptions.
  [[nodiscard]] PrintOptions& print_options();
  /// A fresh cell, unbound.
  Ref<CellObject> new_cell();
  /// `from module import name`.
  Value import_name(const Value& module, std::string_view name);
  /// Throws NameError with advice or the nearest name.
  [[noreturn]] void raise_unknown_name(std::string_view name, const ModuleObject& module) const;
  /// Prints a text, within the limits.
  void print(std::string_view text);
  /// Lets go of all that scripts have made and of the host's callbacks. What is called back by that can run nothing.
  void end();
  /// Whether a BusyScope is alive.
  [[nodiscard]] bool is_busy() const;
  /// What the evaluator belongs to, and how that is destroyed.
  using Owner = std::unique_ptr<void, void (*)(void*)>;
  /// Stops what runs, and destroys the owner behind it. Only while the evaluator is busy.
  void end_later(Owner owner);
  /// Whether a run is in progress.
  [[nodiscard]] bool is_running() const;
  /// Stops what runs, or else the next run. From any thread; async-signal-safe.
  void interrupt();
  /// Throws RuntimeError where the host is told of something in the midst of an operation, and from end() on.
  void require_quiet() const;

  struct State;  // machine.h

 private:
  friend struct Machine;
  friend class Forking;
  struct Compilation;
  ir::ProgramPtr compile_in(SourcePtr source, const Compilation& how);
  /// A module's text over its variables.
  ir::ProgramPtr compile_module(SourcePtr source, const ModuleObject& module, bool is_library);
  friend class RunScope;
  friend class BusyScope;
  ast::Module parse_limited(SourcePtr source);
  /// What check() has to know; refers to `bound`.
  [[nodiscard]] CheckOptions check_options(const Environment& bound) const;
  /// LimitExceeded for a text that is too long.
  void check_size(const Source& source) const;
  std::shared_ptr<LinkedProgram> link(ir::ProgramPtr program, ModuleObject& module);
  void run_module(ir::ProgramPtr program, ModuleObject& module);
  void run_linked(const std::shared_ptr<LinkedProgram>& linked);
  Value import_script(std::string_view name);
  /// A public name of a library module; undefined if it has none.
  Value library_value(std::string_view module, std::string_view name);
  ModuleObject& library_file(int index);
  [[nodiscard]] static std::vector<std::string> builtin_names();
  Value module_member(ModuleObject& module, std::string_view name);
  [[nodiscard]] std::vector<std::string> module_members(const ModuleObject& module) const;
  [[noreturn]] void raise_no_member(ErrorKind kind, const ModuleObject& module, std::string_view name) const;
  Host host_;
  std::unique_ptr<State> state_;
};

/// A time in which the evaluator is needed: whoever is called back may only ask for its end.
class BusyScope {
 public:
  explicit BusyScope(Evaluator& evaluator);
  ~BusyScope();
  BusyScope(const BusyScope&) = delete;
  BusyScope& operator=(const BusyScope&) = delete;

 private:
  Evaluator& evaluator_;
};

/// The time of a run, in which this thread works for the evaluator. One may be inside another: steps, output and time
/// count from the beginning of the outermost. A request to stop that came before it stops it; one that comes too late
/// stops nothing. Throws ValueError where INLAY_ISA names no instruction set.
class RunScope {
 public:
  explicit RunScope(Evaluator& evaluator);
  ~RunScope();
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

 private:
  Evaluator& evaluator_;
  BusyScope busy_;
  ContextScope scope_;
};

/// Goes through the elements of anything iterable: tensors along their first axis, sequences, ranges, dict keys,
/// strings.
class Iteration {
 public:
  /// TypeError "'int' object is not iterable", or as `unpacks` "cannot unpack non-iterable int object".
  explicit Iteration(Value iterable, bool unpacks = false);
  /// False at the end.
  bool next(Value& item) {
    if (at_ >= size_) return false;
    if (step_ != 0) {
      // Modulo 2^64: a product may lie beyond 64 bits where the element does not.
      const auto moved = static_cast<std::uint64_t>(step_) * static_cast<std::uint64_t>(at_++);
      item = Value::of(static_cast<std::int64_t>(static_cast<std::uint64_t>(start_) + moved));
      return true;
    }
    next_element(item);
    return true;
  }
  /// How many elements there are.
  [[nodiscard]] std::int64_t size() const;

 private:
  void next_element(Value& item);
  Value iterable_;
  std::int64_t at_ = 0;
  std::int64_t size_ = 0;
  std::int64_t start_ = 0, step_ = 0;  // of a range; step 0: of anything else
};
/// The elements as a vector.
std::vector<Value> elements_of(const Value& iterable);

/// A method of a value that is no tensor and does not change it: "abc".upper(), d.items(). Undefined if the type has
/// none of that name. `keywords` are name/value pairs.
Value call_value_method(Evaluator& evaluator, const Value& self, std::string_view name,
                        std::span<const Value> arguments, std::span<const std::pair<std::string, Value>> keywords);
bool has_value_method(const Value& self, std::string_view name);

}  // namespace inlay
