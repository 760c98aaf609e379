// error.h - what a user can be told: a kind and a message. The runtime knows no places in a text; the evaluator adds
// them. Invariant: throwing an Error leaves every operand as it was (checks come before writes).
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace inlay {

/// Kinds of errors under Python's and NumPy's names. The numbers are part of the public interface and never change.
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
  InternalError = 99,
};

/// The kind's name as it is printed: "ValueError".
std::string_view name(ErrorKind kind);

/// A user's error on its way up. `what()` is the message without the kind, cut where it is longer than kMostMessage: it
/// may quote texts of the script of any length, and is copied from place to place.
class Error : public std::exception {
 public:
  static constexpr std::size_t kMostMessage = 1 << 16;  // bytes
  Error(ErrorKind kind, std::string message);
  [[nodiscard]] ErrorKind kind() const { return kind_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorKind kind_;
  std::string message_;
};

/// Throws an Error with a formatted message.
template <class... Args>
[[noreturn]] void raise(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(kind, fmt::format(format, std::forward<Args>(args)...));
}

[[noreturn]] void internal_error(const char* condition, const char* file, int line);

}  // namespace inlay

/// Guards what only a bug of ours can break; never reachable by a user's input.
#define INLAY_CHECK(condition) ((condition) ? void(0) : ::inlay::internal_error(#condition, __FILE__, __LINE__))
