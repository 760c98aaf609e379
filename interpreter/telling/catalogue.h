// catalogue.h - every public name with its signature, gathered from the tables that define them: op rows, library
// files, constants, methods, mutating calls. For help, the reference and completion; nothing here is needed to run a
// program. Invariant: derived from the tables alone, so a new row is in it without another line.
#pragma once

#include <string>
#include <vector>

namespace inlay {

class Evaluator;
struct OpRow;

/// A name as a user types it: "sum", "linalg.norm", "tf.constant", "str.upper", "ndarray.T", "float32".
struct PublicName {
  std::string name;
  std::string signature;  // "(a, axis=None)"; empty for what is not called
};

/// All of them, sorted, each once.
std::vector<PublicName> public_names();

/// The shortest name a row is known by: bare, else behind its module.
std::string public_name(const OpRow& row);

}  // namespace inlay
