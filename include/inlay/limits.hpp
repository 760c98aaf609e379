// limits.hpp - what one interpreter may use. Part of the public interface; include <inlay/inlay.hpp>.
// Every limit is on by default. What is over one is refused before anything is allocated or computed, with a
// LimitExceeded that names the limit and both numbers; a script cannot catch it.
#pragma once

#include <cstdint>
#include <limits>

#include "inlay/export.h"

namespace inlay {
inline namespace v1 {

/// Bounds of one interpreter. The largest value of a member's type means no bound.
struct Limits {
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

  /// Steps of one run: one for each element that an operation works on and for each instruction of the script. The same
  /// script stops at the same place whatever the number of threads.
  std::uint64_t fuel = 1'000'000'000'000;
  /// Bytes of tensors, lists, dicts and strings alive at once; what the host binds is its own.
  std::uint64_t memory = std::uint64_t{1} << 30;
  /// Elements of one tensor.
  std::uint64_t elements = std::uint64_t{1} << 30;
  /// Axes of one tensor; 64 at most.
  std::uint64_t rank = 64;
  /// Calls inside one another (RecursionError); fewer where the thread's stack ends first (docs/limits.md).
  std::uint64_t depth = 200;
  /// Bytes of one source text.
  std::uint64_t source = std::uint64_t{1} << 20;
  /// Brackets and blocks inside one another (SyntaxError); 200 at most.
  std::uint64_t nesting = 200;
  /// Bytes that one run may print, and warn of.
  std::uint64_t output = std::uint64_t{1} << 20;
  /// Seconds of one run; infinite: no deadline. Not a number is refused where an interpreter is made.
  double seconds = 60;
  /// Bytes that one run may write into files, 4 KiB being added for each file: as many as it may hold.
  std::uint64_t written = std::uint64_t{1} << 30;

  /// No bound but those of the implementation.
  static constexpr Limits none() {
    return {kNone, kNone, kNone, kNone, 1000, kNone, kNone, kNone, std::numeric_limits<double>::infinity(), kNone};
  }
};

/// What an interpreter has used.
struct Usage {
  std::uint64_t fuel = 0;    ///< steps of the current or last run
  std::uint64_t memory = 0;  ///< bytes alive now
  std::uint64_t peak = 0;    ///< most bytes alive at once so far
  std::uint64_t output = 0;  ///< bytes that the current or last run printed and warned of
  /// Bytes that the current or last run wrote into files, with 4 KiB for each file.
  std::uint64_t written = 0;
};

}  // namespace v1
}  // namespace inlay
