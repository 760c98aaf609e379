// workspace.h - a session at the prompt: the interpreter, the value shown last, what can be taken back, where copies
// came from, what was entered. Knows entries as texts, nothing of lines and keys. Invariant: no update copies because
// of the prompt: what it holds of a tensor that a variable holds too it lets go before that is updated (snapshots are
// held on purpose).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "repl/session.h"
#include "repl/undo.h"

namespace inlay::program {

/// The last update of a variable that had to copy its tensor.
struct LastCopy {
  std::string entry;  // "<input 3>"
  std::size_t line = 0;
  std::string statement;
  std::uint64_t bytes = 0, times = 0;
  std::vector<std::string> holders;  // variables that still held the tensor
  std::string reason;
};

/// Why an update copied: "y still held the tensor" or, where no variable did, the runtime's reason.
std::string why_copied(const std::vector<std::string>& holders, std::string_view reason);

class Workspace {
 public:
  Workspace(const CommandLine& command, Output& output);

  /// Runs an entry of the language; shows the value of an expression, unless a `;` follows it. Gives the exit status if
  /// the entry asked to leave.
  std::optional<int> enter(std::string_view entry);
  /// Runs a file or an edited text, under a name of its own.
  std::optional<int> enter(std::string_view text, std::string_view name, bool is_entry);
  /// Keeps what a statement will overwrite before it is explained or timed. False if it cannot be read, which has been
  /// said.
  bool prepare(std::string_view statement);
  /// What the statement prepared last has copied since, in one line: "copied 8 MB: y still held the tensor". Empty if
  /// nothing.
  [[nodiscard]] std::string copies_text() const;

  Interpreter& interpreter() { return session_.interpreter(); }
  [[nodiscard]] const Interpreter& interpreter() const { return const_cast<Workspace*>(this)->session_.interpreter(); }
  Session& session() { return session_; }
  Output& output() { return session_.output(); }
  Undo& undo() { return undo_; }
  /// Entries that ran without an error, without commands.
  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }
  /// Null if no update of it has copied.
  [[nodiscard]] const LastCopy* last_copy(const std::string& name) const;

  using Variables = std::vector<std::pair<std::string, Value>>;
  /// The variables as they are, shared until they are written.
  [[nodiscard]] Variables variables() const;
  /// Makes the variables these and no others.
  void set_variables(const Variables& variables);
  std::map<std::string, Variables>& snapshots() { return snapshots_; }
  /// Forgets variables, snapshots and what could be taken back.
  void reset();

 private:
  struct Copied {
    Effect updated;  // the update that had to copy
    std::uint64_t bytes = 0;
    std::string reason;
    std::vector<std::string> holders;
  };
  struct CopyTotal {
    std::uint64_t bytes = 0, times = 0;
    std::set<std::string> reasons;  // of the copies that were looked into
  };
  void note(const CopyNotice& notice);
  void explain_copies(std::string_view text, std::string_view name);
  void show(const Value& value);
  void release_last(std::string_view text);
  void keep_last(std::string_view text);
  void forget_last();

  Session session_;
  Undo undo_;
  std::vector<std::string> entries_;
  std::vector<Effect> effects_;  // of the running entry
  std::vector<Copied> copied_;   // by it
  CopyTotal total_;              // of it
  std::map<std::string, LastCopy> copies_;
  std::map<std::string, Variables> snapshots_;
  std::optional<Value> shown_;  // by it
  /// `_` may share memory of tensors inside it with variables; or it does, and was lent to the entry that runs. Of a
  /// tensor that can be seen.
  enum class Last : std::uint8_t { own, shares, lent };
  Last last_ = Last::own;
  bool is_quiet_ = false;     // the entry ends in `;`
  bool is_measured_ = false;  // a statement is explained or timed: its values are nobody's
  int count_ = 0;
};

}  // namespace inlay::program
