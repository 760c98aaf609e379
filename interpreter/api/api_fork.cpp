// api_fork.cpp - an interpreter's state copied: fork(), snapshot() and restore() of the public interface.
// Invariant: none of it happens while a script runs, when some variables are being updated.
#include "interpreter/api/api_interpreter.h"

namespace inlay {
inline namespace v1 {

void Interpreter::Impl::require_rest(std::string_view what) const {
  if (evaluator.is_running()) raise(core::ErrorKind::RuntimeError, "{}() while a script runs", what);
  evaluator.require_quiet();
}

std::unique_ptr<Interpreter::Impl> Interpreter::Impl::fork(Host host) {
  require_rest("fork");
  return std::make_unique<Impl>(evaluator.fork(std::move(host)));
}

Expected<Interpreter> Interpreter::fork() {
  return detail::guarded([&] {
    auto impl = impl_->fork(impl_->evaluator.host());
    detail::observers_of(impl->evaluator) = detail::observers_of(impl_->evaluator);
    return Interpreter(std::move(impl));
  });
}

Expected<Interpreter> Interpreter::fork(Options options) {
  return detail::guarded([&] {
    auto impl = impl_->fork(detail::make_host(options));
    detail::apply(options, impl->evaluator);
    return Interpreter(std::move(impl));
  });
}

Expected<Snapshot> Interpreter::snapshot() const {
  return detail::guarded([&] {
    impl_->require_rest("snapshot");
    return Snapshot(std::make_shared<Snapshot::Data>(Snapshot::Data{impl_->identity, impl_->evaluator.snapshot()}));
  });
}

Expected<void> Interpreter::restore(const Snapshot& snapshot) {
  return detail::guarded([&] {
    impl_->require_rest("restore");
    if (snapshot.data().owner.lock() != impl_->identity)
      raise(core::ErrorKind::ValueError, "the snapshot is of another interpreter");
    impl_->evaluator.restore(*snapshot.data().state);
  });
}

}  // namespace v1
}  // namespace inlay
