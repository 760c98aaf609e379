// api_interpreter.h - what stands behind an Interpreter of the public interface. For api_*.cpp alone.
// Invariant: everything that a run needs is the evaluator's; a Program's links to it are found again by its address,
// which the link keeps from being reused.
#pragma once

#include <unordered_map>

#include "interpreter/api/api.h"
#include "runtime/kernels/instruction_set.h"

namespace inlay {
inline namespace v1 {

struct Program::Data {
  ir::ProgramPtr program;
  std::vector<std::string> parameters;
  bool is_function = false;
};

struct Snapshot::Data {
  std::weak_ptr<const void> owner;
  std::shared_ptr<const EvaluatorSnapshot> state;
};

struct Interpreter::Impl {
  explicit Impl(std::unique_ptr<Evaluator> own);

  /// Whose its values are.
  [[nodiscard]] Home home() const { return evaluator.runtime_context().budget.account()->number(); }

  /// Makes a variable. Throws ValueError if `name` is no name.
  void bind(std::string_view name, core::Value value);
  /// The program joined with this interpreter's variables: made on first use.
  std::shared_ptr<LinkedProgram> link(const Program& program);
  /// The function of a program that prepare_function() made.
  core::Value function(const Program& program);

  /// Throws RuntimeError while a script runs: some variables are being updated then.
  void require_rest(std::string_view what) const;
  std::unique_ptr<Impl> fork(Host host);

  const std::unique_ptr<Evaluator> owned;
  Evaluator& evaluator = *owned;
  const std::shared_ptr<const void> identity = std::make_shared<char>();

 private:
  struct Link {
    std::shared_ptr<LinkedProgram> linked;
    core::Value function;
  };
  Link& find_link(const Program& program);
  std::unordered_map<const ir::Program*, Link> links_;
  Link* last_link_ = nullptr;  // the one used last: one program is run again and again
};

namespace detail {

/// What the evaluator borrows of a host, in its own types.
Host make_host(const Options& options);
/// What an evaluator tells its host, besides what Host has.
Observers& observers_of(Evaluator& evaluator);
/// Gives an evaluator what Options has besides its Host: threads, and who looks on.
void apply(const Options& options, Evaluator& evaluator);

/// A run from its beginning to its end, or to exit().
template <class Impl, class Run>
Expected<Ending> run_guarded(Impl& impl, const Run& run) {
  return guarded([&] {
    const RunScope scope(impl.evaluator);
    try {
      run(impl.evaluator);
      return Ending{};
    } catch (const ExitRequest& request) {
      return Ending{true, request.code};
    }
  });
}

}  // namespace detail
}  // namespace v1
}  // namespace inlay
