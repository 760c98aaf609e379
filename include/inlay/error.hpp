// error.hpp - what can go wrong, as a value: Error, Expected<T>, and Exception for those who would rather throw.
// Part of the public interface; include <inlay/inlay.hpp>.
// Invariant: nothing of the library throws into the host but Expected::value() and what says so. That there is no
// memory is an Error that was made beforehand.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "inlay/export.h"

namespace inlay {
inline namespace v1 {

/// Kinds of errors, under Python's and NumPy's names. The numbers never change.
enum class ErrorKind : std::uint8_t {
  SyntaxError = 1,
  NameError = 2,
  TypeError = 3,
  ValueError = 4,
  IndexError = 5,
  KeyError = 6,
  AttributeError = 7,
  ZeroDivisionError = 8,
  OverflowError = 9,
  AssertionError = 10,
  ImportError = 11,
  MemoryError = 12,
  RecursionError = 13,
  LinAlgError = 14,
  LimitExceeded = 15,
  KeyboardInterrupt = 16,
  RuntimeError = 17,
  InternalError = 99,  ///< a bug of the library's own
};

/// The kind's name as it is printed: "ValueError".
INLAY_API std::string_view to_string(ErrorKind kind);

/// A call on the way to an error.
struct Call {
  std::string function;
  std::string source;  ///< name of the text that holds the call
  int line = 0;        ///< from 1
  int column = 0;      ///< from 1, in characters
};

/// A value that an operation was given and failed on.
struct ErrorOperand {
  std::string type;  ///< Python's name of its type; of a tensor, its dtype: "float64"
  bool tensor = false;
  std::vector<std::int64_t> shape;  ///< of a tensor
};

/// An error: what was wrong, where, and the calls that led there. Cheap to copy, immutable, free of any interpreter;
/// may be read by any number of threads.
class INLAY_API Error {
 public:
  /// An error without a place.
  Error(ErrorKind kind, std::string message);

  [[nodiscard]] ErrorKind kind() const;
  /// What was wrong, without the kind. One line, or several.
  [[nodiscard]] const std::string& message() const;
  /// Whether the error has a place in a text; if not, the four below are empty or 0.
  [[nodiscard]] bool has_place() const;
  /// Name of the source text, as given to Interpreter::run.
  [[nodiscard]] const std::string& source_name() const;
  /// Line of the first character at fault, from 1.
  [[nodiscard]] int line() const;
  /// Column of it, from 1, in characters.
  [[nodiscard]] int column() const;
  /// The bytes at fault: [first, second) of the source text.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> span() const;
  /// The calls that led there, innermost first.
  [[nodiscard]] const std::vector<Call>& calls() const;
  /// What the operation that failed was given, in order; empty where no operation did.
  [[nodiscard]] const std::vector<ErrorOperand>& operands() const;
  /// The whole report: "Kind: message", the place, the source line with carets under what is at fault, the calls. Ends
  /// with a line feed. `color` adds terminal escapes.
  [[nodiscard]] std::string render(bool color = false) const;

  struct Data;
  /// For the library itself.
  explicit Error(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};

namespace detail {
/// The error of a want of memory, which itself needs none.
INLAY_API Error out_of_memory() noexcept;
/// The exception that is being handled, as an error; out_of_memory() where there is no memory for that.
INLAY_API Error current_error() noexcept;
}  // namespace detail

/// An Error, thrown. A function of the host may throw one to choose the kind that the script sees.
class INLAY_API Exception : public std::runtime_error {
 public:
  explicit Exception(Error error);
  Exception(ErrorKind kind, std::string message) : Exception(Error(kind, std::move(message))) {}
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

/// A T, or the Error that says why there is none.
template <class T>
class Expected {
 public:
  Expected(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Expected(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  /// The value; throws the error as an Exception if there is none.
  T& value() & { return require(), *std::get_if<0>(&state_); }
  const T& value() const& { return require(), *std::get_if<0>(&state_); }
  /// By value, so that a loop over what a call gives does not outlive it.
  T value() && { return require(), std::move(*std::get_if<0>(&state_)); }
  /// The value, which must be there.
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  /// The value, or `other` where there is none.
  T value_or(T other) const& { return has_value() ? **this : std::move(other); }
  /// The error, which must be there.
  [[nodiscard]] const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  void require() const {
    if (!has_value()) throw Exception(error());
  }
  std::variant<T, Error> state_;
};

/// Success, or the Error that says why not.
template <>
class Expected<void> {
 public:
  Expected() = default;
  Expected(Error error) : error_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit on purpose

  [[nodiscard]] bool has_value() const { return error_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  /// Throws the error as an Exception if there is one.
  void value() const {
    if (!has_value()) throw Exception(error());
  }
  /// The error, which must be there.
  [[nodiscard]] const Error& error() const { return *std::get_if<1>(&error_); }

 private:
  std::variant<std::monostate, Error> error_;
};

}  // namespace v1
}  // namespace inlay
