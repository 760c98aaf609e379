// inlay.hpp - Inlay for a host: an interpreter of scripts over the host's own arrays.
//
//   inlay::Interpreter in;
//   in.bind("x", inlay::view(data, {rows, columns}));
//   auto total = in.eval("sum(x, axis=0)");
//   if (!total) std::cerr << total.error().render();
//
// An interpreter has no global state, does no input or output that its Options do not allow, installs no signal
// handler, and reads no locale. Invariant: no function here throws but those that say so; errors are values (Expected),
// also for want of memory. What gives no Expected - variables(), describe(), to_string() and their like - throws
// std::bad_alloc, or an Exception that is a MemoryError, where there is no memory for what it gives.
//
// Threads: any number of interpreters may live side by side, each used by one thread at a time, together with the
// Values that came from it. Programs and Errors may be used by any number of threads. interrupt() alone may be called
// at any time, from any thread and from a signal handler.
//
// An interpreter that is ended from inside one of its own callbacks or functions stops what it runs (KeyboardInterrupt)
// and lasts until that is over; from there on it may not be used. Not checked, and so never to be done: to use an
// interpreter on two threads at once, and to use one that was ended, or that was moved from but to assign to it or end
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "inlay/error.hpp"
#include "inlay/export.h"
#include "inlay/function.hpp"
#include "inlay/limits.hpp"
#include "inlay/tools.hpp"
#include "inlay/value.hpp"

namespace inlay {
inline namespace v1 {

/// A text and the name that errors call it by.
struct SourceText {
  std::string name;
  std::string text;
};

/// What an interpreter may do. The default may compute, and nothing else. In the midst of an operation - inside `warn`,
/// `hint`, `copied`, `entropy`, a report of a single operation, and where memory or a function of the host's is let go
/// of by what runs, by restore() or at the interpreter's end - run(), bind() and get() are a RuntimeError: a variable
/// may be empty there. Inside the others, `draw` too, all variables are there, and they may do what a function of the
/// host's may.
struct Options {
  /// Takes what scripts print; without it, that is discarded.
  std::function<void(std::string_view text)> print = {};
  /// Takes warnings, such as of an integer division by zero, without a line feed.
  std::function<void(std::string_view message)> warn = {};
  /// Takes the value of an expression that is a run's last statement, unless it is None: for a prompt.
  std::function<void(const Value& value)> echo = {};
  /// Takes remarks on what is as NumPy has it and surprises people: for a prompt.
  std::function<void(std::string_view message)> hint = {};
  /// Told of every update that copied a tensor, before the copy is used: for a prompt.
  std::function<void(const CopyNotice& notice)> copied = {};
  /// Draws what show(), plot() and hist() give; what it throws is their error. Without it they are refused.
  std::function<void(const Drawing& drawing)> draw = {};
  /// Takes reports of loops over progress(), about ten in a second, from such as take longer than 0.2 s, and of single
  /// operations that take longer than 2 s.
  std::function<void(const Progress& progress)> progress = {};
  /// Finds the text of `import name`, or nothing; without it, only the modules that are built in exist.
  std::function<std::optional<SourceText>(std::string_view name)> load_module = {};
  /// Whether scripts may read and write files (load, save, loadtxt, savetxt), with all the rights of the process.
  bool files = false;
  /// Where `files` is false: folders whose files, at any depth, scripts may read, or write. Relative ones are taken
  /// from the current folder once, when the interpreter is made. Paths that lead elsewhere are refused, and so is every
  /// symbolic link on the way.
  std::vector<std::string> read_folders = {};
  std::vector<std::string> write_folders = {};
  /// Gives 64 random bits for each generator that scripts do not seed, such as `std::random_device` has. Without it
  /// every interpreter seeds them alike, so that the same script draws the same numbers.
  std::function<std::uint64_t()> entropy = {};
  /// `argv` in scripts.
  std::vector<std::string> arguments = {};
  /// Threads that an operation may use; 0: as many as there are processors. Results do not depend on it.
  int threads = 0;
  /// Whether elementwise operations are computed together where they can be. Results do not depend on it.
  bool fuse = true;
  /// What scripts may use.
  Limits limits = {};
};

/// How a run ended that met no error.
struct Ending {
  bool exited = false;  ///< by `exit(code)`
  int code = 0;         ///< of exit()
};

/// What lower() shows.
enum class Stage { ast, ir };

/// A text made ready by Interpreter::prepare() or prepare_function(), to run any number of times without being read
/// again. Immutable and free of any interpreter: every interpreter on every thread may run it, at the same time. Cheap
/// to copy.
class INLAY_API Program {
 public:
  /// Names of the parameters, in order; none for a program that prepare() made.
  [[nodiscard]] const std::vector<std::string>& parameters() const;
  /// The name that errors call it by.
  [[nodiscard]] const std::string& name() const;

  struct Data;
  explicit Program(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  /// What its top level does to variables, in the order of the text; one line may have several.
  [[nodiscard]] std::vector<Effect> effects() const;
  [[nodiscard]] const Data& data() const { return *data_; }

 private:
  std::shared_ptr<const Data> data_;
};

/// The variables of an interpreter as they once were: Interpreter::snapshot(). Cheap to copy; belongs to the thread of
/// the interpreter.
class INLAY_API Snapshot {
 public:
  struct Data;
  explicit Snapshot(std::shared_ptr<const Data> data) : data_(std::move(data)) {}
  [[nodiscard]] const Data& data() const { return *data_; }

 private:
  std::shared_ptr<const Data> data_;
};

class INLAY_API Interpreter {
 public:
  /// Throws an Exception for options that cannot be meant (ValueError: a folder without a name, seconds that are no
  /// number), and where there is no memory (MemoryError).
  explicit Interpreter(Options options = {});
  ~Interpreter();
  Interpreter(Interpreter&& other) noexcept;
  Interpreter& operator=(Interpreter&& other) noexcept;

  // ---- variables ----

  /// Makes a variable. ValueError if `name` is no name, or if the array's shape and size do not agree; TypeError for a
  /// function of another interpreter.
  Expected<void> bind(std::string_view name, const Value& value);
  Expected<void> bind(std::string_view name, const ArrayRef& array);
  /// A variable's value, or a built-in's. NameError if there is none.
  [[nodiscard]] Expected<Value> get(std::string_view name) const;
  /// Whether there is a variable of this name.
  [[nodiscard]] bool has_variable(std::string_view name) const;
  /// Names of all variables, in the order in which they appeared.
  [[nodiscard]] std::vector<std::string> variables() const;
  /// Each variable whose name does not start with `_` as a line `{"name": value}`: tensors as {"dtype", "shape",
  /// "data"} with floats as hexadecimal text, plain values as {"py"}, {"py_float"}, {"py_complex"}, {"tuple"},
  /// {"list"}, {"dict"}, anything else as {"other": type}. What has more than 64 MiB of text together with what stands
  /// before it, or more than 500 containers inside one another, is {"left_out": type}.
  [[nodiscard]] std::string variables_json() const;

  /// Makes a function: `in.def("scale", [](double s, inlay::View<double> v) { … })`. Parameters: bool, integer and
  /// floating types, std::complex<double>, std::string, View<T>, Value. Result: nothing, or what a Value is made from.
  /// Arguments that do not fit are a TypeError in the script, and the function is not called.
  /// In place of the name may stand a signature of the language, `"scale(x: float64[n, 3], by: float64[n], s=2.0)"`:
  /// scripts may then use keywords and leave out what has a default, and dtypes and sizes are checked as declared.
  template <class F>
  Expected<void> def(std::string_view name, F function) {
    using Function = std::decay_t<F>;
    static_assert(std::is_copy_constructible_v<Function>,
                  "a function of the host's can be copied: hold what cannot in a std::shared_ptr");
    try {
      return define(name, static_cast<int>(detail::arity<Function>),
                    detail::host_function<Function>(std::string(name.substr(0, name.find('('))), std::move(function)));
    } catch (...) {  // no memory for it, or what copying the function throws
      return detail::current_error();
    }
  }
  /// The same for any number of arguments (`arity` < 0) of any kind. ValueError if `name` is no name, or declares
  /// another number of parameters; SyntaxError if it is no signature.
  Expected<void> define(std::string_view name, int arity, HostFunction function);

  // ---- running ----

  /// Runs a text over the variables. What the statements before an error did stays.
  [[nodiscard]] Expected<Ending> run(std::string_view source, std::string_view name = "script");
  /// Reads a text that is to run more than once. SyntaxError and what else can be known without running. Names that are
  /// neither built in nor variables here or in the text are such errors; a built-in's name means the built-in, unless
  /// it is a variable here or in the text.
  [[nodiscard]] Expected<Program> prepare(std::string_view source, std::string_view name = "script");
  /// Runs it over the variables as they are now. ValueError if it has parameters.
  [[nodiscard]] Expected<Ending> run(const Program& program);
  /// The same of a text that is the body of a function of these parameters: the names it assigns are its own, and what
  /// it gives is what it returns, or the value of its last statement if that is an expression.
  [[nodiscard]] Expected<Program> prepare_function(std::string_view source,
                                                   std::initializer_list<std::string_view> parameters,
                                                   std::string_view name = "function");
  [[nodiscard]] Expected<Program> prepare_function(std::string_view source,
                                                   std::span<const std::string_view> parameters,
                                                   std::string_view name = "function");
  /// Calls a program with a value for each parameter; TypeError if there are more or fewer. Arguments that nobody else
  /// holds, moved into the vector (an initializer list copies), may be updated in place.
  [[nodiscard]] Expected<Value> call(const Program& program, std::vector<Value> arguments);
  /// The value of an expression; None if the text is a statement.
  [[nodiscard]] Expected<Value> eval(std::string_view expression, std::string_view name = "expression");
  /// Calls a function of the language, which must be this interpreter's; TypeError if it is another's.
  [[nodiscard]] Expected<Value> call(const Value& function, std::vector<Value> arguments);
  /// Stops what is running, or else the next run, with a KeyboardInterrupt, within 100 ms (docs/limits.md names the
  /// few operations that take longer). Variables then hold what they held before the statement or what it gave them.
  void interrupt() noexcept;
  /// What was used so far. Not while something runs.
  [[nodiscard]] Usage usage() const;

  // ---- copies of the whole state ----

  /// Another interpreter, for this thread or another, whose variables are copies of these. Tensors, lists and dicts are
  /// shared until either side writes, so that sizes of tensors cost nothing; each element of lists and dicts is looked
  /// at (docs/embedding.md has numbers). Functions, modules and generators are the new one's own. Functions of the
  /// host's are called by both, and so may be called by two threads at once. The host's callbacks and limits are the
  /// same, unless other options are given. RuntimeError while a script runs here.
  [[nodiscard]] Expected<Interpreter> fork();
  [[nodiscard]] Expected<Interpreter> fork(Options options);
  /// The variables as they are now, and where random numbers stand. The cost does not depend on the sizes of the
  /// values; updates copy what the snapshot holds, once. RuntimeError while a script runs here.
  [[nodiscard]] Expected<Snapshot> snapshot() const;
  /// Goes back: variables, and generators wherever they are held, are what they were; later variables are gone. As
  /// often as wanted. ValueError for a snapshot of another interpreter, RuntimeError while a script runs here.
  Expected<void> restore(const Snapshot& snapshot);

  // ---- for tools ----

  /// Every error that can be known without running.
  [[nodiscard]] std::vector<Error> check(std::string_view source, std::string_view name = "script") const;
  /// A stage on the way from text to execution, as text.
  [[nodiscard]] Expected<std::string> lower(std::string_view source, Stage stage,
                                            std::string_view name = "script") const;
  /// Runs a text, and writes down for each statement what it was lowered to, what was done in place, what was copied
  /// and because of which name, bytes moved and time, in lines of at most `columns` columns (70 or more). After an
  /// error `report` is of what had run by then.
  [[nodiscard]] Expected<Ending> explain(std::string_view source, std::string& report, std::string_view name = "script",
                                         std::size_t columns = 100);
  /// Runs a program and counts the bytes that its operations read and wrote, as explain() does; each operation takes
  /// some 100 ns longer. After an error `moved_bytes` is of what had run by then.
  [[nodiscard]] Expected<Ending> run(const Program& program, std::uint64_t& moved_bytes);
  /// Words that could stand where the one before `position` (in bytes) begins: names, or attributes behind a dot. Runs
  /// nothing. Sorted.
  [[nodiscard]] std::vector<std::string> complete(std::string_view text, std::size_t position) const;
  /// The variables as a list shows them, in the order in which they appeared, those beginning with `_` left out.
  [[nodiscard]] std::vector<VariableInfo> describe() const;
  /// Names of variables that hold memory of a CopyNotice or of Value::memory().
  [[nodiscard]] std::vector<std::string> holders(const void* memory) const;
  /// Every public name for documentation and editors, sorted, one JSON line each: name, signature, page, text.
  [[nodiscard]] static std::string reference_json();
  /// Whether lines typed at a prompt are a finished entry: complete statements, a block closed by an empty line.
  [[nodiscard]] static bool is_complete(std::string_view text);

 private:
  struct Impl;
  explicit Interpreter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The library's version: "0.1.0".
INLAY_API std::string_view version();

}  // namespace v1
}  // namespace inlay
