// explain.h - what a run did, statement by statement: the core it was lowered to, what ran in place, what was copied
// and because of which name, bytes moved, time.
// Knows the core and the runtime's counters; changes nothing about a run but its speed.
// Invariant: time, copies and bytes are counted once, for the innermost statement of the explained text that was
// running; what library functions and imported modules do counts for the statement that called them.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "interpreter/machine/evaluator.h"
#include "interpreter/machine/watcher.h"
#include "interpreter/telling/traffic.h"

namespace inlay {

/// What was done between two moments.
struct Work {
  double seconds = 0;
  std::uint64_t in_place = 0;
  std::uint64_t copies = 0;
  std::uint64_t copied_bytes = 0;
  std::uint64_t copies_by_reason[static_cast<int>(CopyReason::count_)] = {};
  std::uint64_t allocated_bytes = 0;
  std::uint64_t moved_bytes = 0;
  Work& operator+=(const Work& other);
  Work& operator-=(const Work& other);
};

class Explainer final : public Watcher {
 public:
  /// Explains runs of `program` by `evaluator`, until its end.
  Explainer(Evaluator& evaluator, ir::ProgramPtr program);
  ~Explainer() override;
  Explainer(const Explainer&) = delete;
  Explainer& operator=(const Explainer&) = delete;

  void before(const ir::Instruction& instruction, Frame& frame) override;
  void after(const ir::Instruction& instruction, Frame& frame) override;

  /// The report as far as it has run, in lines of at most `columns` columns, or 70 if those are fewer.
  [[nodiscard]] std::string report(std::size_t columns) const;

 private:
  struct Operation {  // one instruction
    std::size_t statement = 0;
    std::string text;                         // of the core; empty if it is not shown
    const ir::Instruction* region = nullptr;  // whose body it stands in
    std::uint64_t runs = 0;
    std::uint64_t passes = 0;  // of a region: runs in one pass; in the others its body ran op by op
    std::string plan;          // of the last pass
    Work work;
    std::map<std::string, std::uint64_t> holders;  // name that still held the tensor, how often
    bool is_kept = false;                          // the statement itself held it, to be undone if it fails
  };
  struct Statement {
    Span span;
    std::vector<const ir::Instruction*> operations;
  };
  struct Running {
    Operation* operation;
    std::uint64_t root_runs;  // before it, of what a region's body ends with
    Work at_start;
    Work inner;  // of statements inside it, which is theirs
    bool has_inner = false;
    Traffic traffic;
    std::vector<const Buffer*> targets;  // the tensors of what an update is about to write to
  };
  void add_statements(const ast::Block& block);
  void add_operations(const ir::Function& function, const ir::Block& block, const ir::Instruction* region);
  [[nodiscard]] std::size_t statement_at(std::uint32_t position) const;
  [[nodiscard]] Work now() const;
  [[nodiscard]] std::uint64_t runs_of_root(const ir::Instruction& instruction) const;
  void note_pass(const Running& run, const ir::Instruction& instruction, const Frame& frame);
  void note_holders(const Running& run, const ir::Instruction& instruction, const Frame& frame);
  [[nodiscard]] std::string statement_line(const Statement& statement, std::size_t columns) const;
  [[nodiscard]] std::string operation_lines(const ir::Instruction& instruction, std::size_t columns) const;
  [[nodiscard]] std::string joined_text(const Operation& operation) const;
  [[nodiscard]] std::string unrun_text(const Statement& statement) const;
  [[nodiscard]] std::string total_line() const;

  Evaluator& evaluator_;
  ir::ProgramPtr program_;
  std::vector<Statement> statements_;  // in the order of the text
  std::unordered_map<const ir::Instruction*, Operation> operations_;
  std::vector<Running> running_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace inlay
