// entry_reader.h - lines until they are an entry: complete statements, or a request to the prompt.
// Knows lines and the parser's word on completeness. Invariant: every line that is read belongs to one entry, in order.
#pragma once

#include <string>

#include "repl/line_reader.h"
#include "repl/output.h"

namespace inlay::program {

class EntryReader {
 public:
  EntryReader(LineReader& reader, Output& output) : reader_(reader), output_(output) {}

  /// Reads an entry. After an interrupt `entry` is what had been typed; at the end it may hold an unfinished one.
  LineReader::Event read(std::string& entry);

 private:
  bool continues(std::string& entry);
  LineReader& reader_;
  Output& output_;
  std::string ahead_;  // a line read too early
};

}  // namespace inlay::program
