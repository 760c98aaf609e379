// share.h - values for several threads at once: what they hold is counted atomically from then on (decision 005).
// Invariant: only what no interpreter owns is marked; functions, modules and generators are not for two threads.
#pragma once

#include <unordered_set>
#include <vector>

#include "interpreter/values/value.h"

namespace inlay {

/// Marks values, and knows which of those it was given could not be shared. For as long as the values live unchanged.
class Sharing {
 public:
  /// Marks a value and all that it holds. False if something in it belongs to an interpreter (a function, module or
  /// generator), and so stays with its thread. Cost: one step per element of lists, tuples and dicts, one per tensor.
  /// What was refused before, alone or inside something else, is refused at once.
  bool share(const Value& value);

 private:
  struct Holder {
    const Object* object;
    bool is_owned;
  };

  void add(const Value& value);
  void visit(const Value& value);
  void enter(const Value& holder);
  void leave();
  void refuse();

  std::vector<const Value*> open_;  // null: what is in the innermost holder has been seen
  std::vector<Holder> holders_;     // of what is visited, one inside the other
  std::unordered_set<const Object*> seen_, owned_;
};

/// The same, of one value.
bool share(const Value& value);

/// Marks a value alone, what it holds being marked.
void share_itself(const Value& value);

}  // namespace inlay
