// api.h - the one place where the public interface meets the interpreter. Both call things Value, Error and DType: the
// public ones live in the inline namespace inlay::v1, where api_*.cpp stand; the interpreter's own are core:: there.
// It includes all that api_*.cpp use of the interpreter.
// Invariant: every core exception is turned into an Error before the host sees it (guarded()).
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "grammar/nearest_name.h"
#include "grammar/parse.h"
#include "grammar/print_ast.h"
#include "interpreter/checking/check.h"
#include "interpreter/checking/function_program.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/machine/machine.h"
#include "interpreter/machine/observed_context.h"
#include "interpreter/operations/drawing.h"
#include "interpreter/telling/catalogue.h"
#include "interpreter/telling/explain.h"
#include "interpreter/telling/help.h"
#include "interpreter/telling/traffic.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/holders.h"
#include "interpreter/values/nested.h"
#include "interpreter/values/share.h"
#include "library/library.h"
#include "runtime/dtypes/cast.h"
#include "runtime/threads/parallel.h"

namespace inlay::core {
// Taken before the public header is read: from there on, inlay::Value would be both.
using inlay::DType;
using inlay::Error;
using inlay::ErrorKind;
using inlay::nearest_name;
using inlay::Shape;
using inlay::Value;
}  // namespace inlay::core

#include "inlay/inlay.hpp"

namespace inlay {
inline namespace v1 {

struct Error::Data {
  ErrorKind kind = ErrorKind::InternalError;
  std::string message;
  SourcePtr source;  // null: no place
  Span span;
  Position position;
  std::vector<Call> calls;
  std::vector<ErrorOperand> operands;
};

/// Whose a value is: the number of an interpreter's account, or one of these.
using Home = std::uint64_t;
inline constexpr Home kNobody = 0;                                      // the first interpreter that it is given to
inline constexpr Home kEverybody = std::numeric_limits<Home>::max();    // counted for several threads throughout
inline constexpr Home kSeveral = std::numeric_limits<Home>::max() - 1;  // functions of two: of use to neither

struct Value::Data {
  Data(core::Value v, Home h) : value(std::move(v)), home(h) {}
  Data(const Data&) = delete;
  Data& operator=(const Data&) = delete;
  ~Data() { std::default_delete<const Tensor>()(row_major.load(std::memory_order_relaxed)); }
  core::Value value;
  // What several threads may find out of a value that all of them have.
  mutable std::atomic<Home> home;
  /// What has been marked for several threads; nothing changes inside while this holds the value.
  enum class Marked : std::uint8_t { nothing, parts, whole };
  mutable std::atomic<Marked> marked{Marked::nothing};
  mutable std::atomic<const Tensor*> row_major{nullptr};  // the elements as span() lends them, once somebody asked
};

namespace detail {

inline core::ErrorKind to_core(ErrorKind kind) { return static_cast<core::ErrorKind>(kind); }
inline core::DType to_core(DType dtype) { return static_cast<core::DType>(dtype); }
inline DType from_core(core::DType dtype) { return static_cast<DType>(dtype); }
/// A value of the interpreter that runs; of nobody where none does.
Value from_core(core::Value value);
Value from_core(core::Value value, Home home);
/// What another holder of the value may be for an interpreter. Throws TypeError for what belongs to another one.
const core::Value& admit(const Value& value, Home interpreter);
/// Whose a container of these is; what several interpreters may hold then is counted for several threads.
Home home_of(std::span<const Value> elements);
/// What the host gave away if nobody else holds it, else another holder of it, for an interpreter. Throws as admit().
core::Value take(Value value, Home interpreter);
std::vector<core::Value> take(std::vector<Value> values, Home interpreter);
SourcePtr make_source(std::string_view text, std::string_view name);
Error from_core(const core::Error& error);
Error from_core(const LocatedError& error);

/// `error` with its place.
Error located(const core::Error& error, SourcePtr source, Span span);
/// An array of the host's as a tensor. Throws ValueError.
Tensor to_tensor(const ArrayRef& array);
/// One line of Interpreter::variables_json: a value as JSON.
void describe(const core::Value& value, std::string& out);
/// A string as JSON, in ASCII.
void describe(std::string_view text, std::string& out);
/// What Interpreter::complete gives, unsorted.
std::vector<std::string> completions(Evaluator& evaluator, std::string_view text);

/// What a program's top level does to variables.
std::vector<Effect> effects(const ir::Program& program);
/// The variables as a list shows them.
std::vector<VariableInfo> describe(const Environment& variables);

/// The error that `make` gives, or else that there is no memory for it.
template <class F>
Error made_error(const F& make) noexcept {
  try {
    return make();
  } catch (...) {
    return current_error();
  }
}
/// The exception that a function of the host's has thrown, as an error of the script.
[[noreturn]] void rethrow_to_script();
/// A callback of the host's whose exceptions become errors of the script; an empty one stays empty.
template <class R, class... A>
std::function<R(A...)> shielded(std::function<R(A...)> callback) {
  if (!callback) return callback;
  return [callback = std::move(callback)](A... arguments) -> R {
    try {
      return callback(std::forward<A>(arguments)...);
    } catch (...) {
      rethrow_to_script();
    }
  };
}

/// Calls `function`; what it throws becomes the Error of the result.
template <class F>
auto guarded(F&& function) -> Expected<decltype(function())> {
  try {
    if constexpr (std::is_void_v<decltype(function())>) {
      function();
      return {};
    } else {
      return function();
    }
  } catch (...) {
    return current_error();
  }
}

}  // namespace detail
}  // namespace v1
}  // namespace inlay
