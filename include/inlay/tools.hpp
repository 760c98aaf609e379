// tools.hpp - what an interpreter tells a tool around it, such as a prompt: variables, what a text changes, copies,
// hints, pictures. Part of the public interface; include <inlay/inlay.hpp>. Invariant: descriptions are snapshots; they
// hold no tensor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inlay/value.hpp"

namespace inlay {
inline namespace v1 {

/// How far a loop over progress(iterable, label) has come, or a single operation that takes longer than 2 s.
struct Progress {
  std::string_view label;     ///< of an operation its name, or its text; lent for the call
  std::int64_t done = 0;      ///< rounds that have ended; of an operation steps of its work
  std::int64_t total = 0;     ///< of an operation 0 if it does not know how much there is to do
  double seconds = 0;         ///< since it began
  int depth = 0;              ///< how many such loops it is inside
  bool is_over = false;       ///< the last report, of what may have been left early
  bool is_operation = false;  ///< an operation, in whose midst this is: the callback may use nothing of the interpreter
                              ///< but interrupt(), and what it throws is dropped
};

/// An update that could not be done in place.
struct CopyNotice {
  const void* memory = nullptr;  ///< of the tensor as it was, to be asked for with Interpreter::holders()
  std::uint64_t bytes = 0;
  std::string_view reason;  ///< "something else holds the tensor"
};

/// A variable as a list of them shows it.
struct VariableInfo {
  std::string name;
  std::string_view type;       ///< Python's name of the type
  std::optional<DType> dtype;  ///< of a tensor
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;               ///< Value::nbytes()
  std::vector<std::string> shared_with;  ///< variables that hold some of the same memory
};

/// What running a text may do to a variable.
struct Effect {
  enum class Kind : std::uint8_t { binds, updates, unbinds };
  std::string name;
  Kind kind = Kind::binds;
  std::size_t line = 0;  ///< from 1
};

/// A picture that a script wants to be seen.
struct Drawing {
  enum class Kind : std::uint8_t { image, lines, bars };
  Kind kind = Kind::image;
  /// image: one tensor, (height, width) or (height, width, 3 or 4). lines: x, y, x, y, …, 1-d pairs of one length.
  /// bars: heights, and edges, of which there is one more.
  std::vector<Value> data;
  std::vector<std::string> labels;  ///< of the lines
  std::string title;
  std::string file;  ///< where to put it, by its extension; empty: before the user's eyes
};

/// The candidate nearest to `name` by edits of less than half of its letters, or empty if none is that near.
INLAY_API std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace v1
}  // namespace inlay
