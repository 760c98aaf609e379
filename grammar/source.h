// source.h - the text of one script and places in it.
// Knows nothing of what the text means.
// Invariant: a Span is half-open, 0 <= begin <= end <= text.size(), and outlives nothing: it is two numbers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inlay {

/// A half-open range of bytes in a source text.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  /// The smallest span that holds both.
  [[nodiscard]] Span to(Span other) const { return {begin, other.end}; }
  bool operator==(const Span&) const = default;
};

/// A place as people count it: both from 1; columns in code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// One source text with its name. Immutable, so that any number of programs and errors may share it.
class Source {
 public:
  Source(std::string name, std::string text);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view text(Span span) const { return text().substr(span.begin, span.end - span.begin); }

  /// Where an offset is. Cost: one binary search over the lines.
  [[nodiscard]] Position position(std::uint32_t offset) const;

  /// Line number `line` (from 1) without its line ending.
  [[nodiscard]] std::string_view line(std::uint32_t line) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

using SourcePtr = std::shared_ptr<const Source>;

}  // namespace inlay
