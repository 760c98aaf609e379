// api.cpp - Interpreter of the public interface: an evaluator, with values and errors turned into the host's.
// Invariant: nothing is thrown into the host but by what inlay.hpp says throws; a function of the host may throw, and
// the script sees an error.
#include "interpreter/api/api_interpreter.h"

#include <algorithm>
#include <cmath>

#include "interpreter/machine/machine.h"

namespace inlay {
inline namespace v1 {

namespace detail {

SourcePtr make_source(std::string_view text, std::string_view name) {
  return std::make_shared<Source>(std::string(name), std::string(text));
}

}  // namespace detail

namespace {

/// How many threads are meant by Options::threads.
int thread_count(int threads) { return threads > 0 ? threads : hardware_threads(); }

std::function<void(const DrawingRequest&)> drawer(std::function<void(const Drawing&)> draw) {
  return [draw = std::move(draw)](const DrawingRequest& request) {
    Drawing drawing{static_cast<Drawing::Kind>(request.kind), {}, request.labels, request.title, request.file};
    for (const core::Value& value : request.data) drawing.data.push_back(detail::from_core(value));
    draw(drawing);
  };
}

}  // namespace

namespace detail {

Host make_host(const Options& options) {
  Host host;
  host.print = shielded(options.print);
  host.warn = shielded(options.warn);
  if (options.echo)
    host.echo = [echo = shielded(options.echo)](const core::Value& value) {
      if (!value.is_none()) echo(from_core(value));
    };
  if (options.progress)
    host.progress = [progress = shielded(options.progress)](const ProgressNote& note) {
      progress({note.label, note.done, note.total, note.seconds, note.depth, note.is_over, note.is_operation});
    };
  if (options.load_module) {
    host.load_module = [load = shielded(options.load_module)](std::string_view name) -> SourcePtr {
      const auto found = load(name);
      return found ? detail::make_source(found->text, found->name) : nullptr;
    };
  }
  if (std::isnan(options.limits.seconds))
    raise(core::ErrorKind::ValueError, "limits: the number of seconds is not a number");
  host.files = options.files ? host_files() : folder_files(options.read_folders, options.write_folders);
  host.entropy = shielded(options.entropy);
  host.arguments = options.arguments;
  host.fuse = options.fuse;
  host.limits = options.limits;
  return host;
}

Observers& observers_of(Evaluator& evaluator) {
  auto* context = dynamic_cast<ObservedContext*>(&evaluator.runtime_context());
  INLAY_CHECK(context != nullptr);
  return context->observers;
}

void apply(const Options& options, Evaluator& evaluator) {
  evaluator.runtime_context().threads = thread_count(options.threads);
  Observers& observers = observers_of(evaluator);
  observers.hint = shielded(options.hint);
  if (options.copied)
    observers.copied = [copied = shielded(options.copied)](const Buffer& memory, CopyReason reason,
                                                           std::uint64_t bytes) {
      copied({&memory, bytes, reason_text(reason)});
    };
  if (options.draw) observers.draw = drawer(shielded(options.draw));
}

}  // namespace detail

Interpreter::Impl::Impl(std::unique_ptr<Evaluator> own) : owned(std::move(own)) {}

Interpreter::Interpreter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Interpreter::Interpreter(Options options) {
  try {
    impl_ = std::make_unique<Impl>(std::make_unique<Evaluator>(detail::make_host(options)));
    detail::apply(options, impl_->evaluator);
  } catch (...) {
    throw Exception(detail::current_error());
  }
}
Interpreter::~Interpreter() {
  if (!impl_) return;
  Evaluator& evaluator = impl_->evaluator;
  if (evaluator.is_busy())
    evaluator.end_later({impl_.release(), [](void* impl) { std::default_delete<Impl>()(static_cast<Impl*>(impl)); }});
  else
    evaluator.end();  // while it is still whole, since what is let go of may call it
}
Interpreter::Interpreter(Interpreter&&) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&& other) noexcept {
  if (this == &other) return *this;
  const Interpreter old(std::move(*this));
  impl_ = std::move(other.impl_);
  return *this;
}

// ---- variables ----

Expected<void> Interpreter::bind(std::string_view name, const Value& value) {
  return detail::guarded([&] { impl_->bind(name, detail::admit(value, impl_->home())); });
}

Expected<void> Interpreter::bind(std::string_view name, const ArrayRef& array) {
  return detail::guarded([&] { impl_->bind(name, core::Value::of(detail::to_tensor(array))); });
}

Expected<Value> Interpreter::get(std::string_view name) const {
  return detail::guarded([&] {
    impl_->evaluator.require_quiet();
    Machine(impl_->evaluator).keep_whole();  // a statement that calls the host back may be half-way
    if (const core::Value* variable = impl_->evaluator.variables().find(name))
      return detail::from_core(*variable, impl_->home());
    core::Value builtin = impl_->evaluator.builtin(name);
    if (builtin.is_undefined()) raise(core::ErrorKind::NameError, "name '{}' is not defined", name);
    return detail::from_core(std::move(builtin), impl_->home());
  });
}

bool Interpreter::has_variable(std::string_view name) const { return impl_->evaluator.variables().is_bound(name); }

std::vector<std::string> Interpreter::variables() const {
  std::vector<std::string> names;
  impl_->evaluator.variables().collect_bound(names);
  return names;
}

std::string Interpreter::variables_json() const {
  std::string out;
  for (const std::string& name : variables()) {
    if (name.starts_with('_')) continue;
    out += '{';
    detail::describe(name, out);
    out += ": ";
    detail::describe(*impl_->evaluator.variables().find(name), out);
    out += "}\n";
  }
  return out;
}

// ---- running ----

Expected<Ending> Interpreter::run(std::string_view source, std::string_view name) {
  return detail::run_guarded(*impl_, [&](Evaluator& evaluator) {
    evaluator.run(evaluator.compile(detail::make_source(source, name), static_cast<bool>(evaluator.host().echo)));
  });
}

Expected<Value> Interpreter::eval(std::string_view expression, std::string_view name) {
  return detail::guarded([&] {
    const RunScope scope(impl_->evaluator);
    return detail::from_core(impl_->evaluator.evaluate(detail::make_source(expression, name)));
  });
}

Usage Interpreter::usage() const { return impl_->evaluator.runtime_context().budget.usage(); }

void Interpreter::interrupt() noexcept { impl_->evaluator.interrupt(); }

// ---- for tools ----

std::vector<Error> Interpreter::check(std::string_view text, std::string_view name) const {
  std::vector<Error> errors;
  const auto checked = detail::guarded([&] {
    const RunScope scope(impl_->evaluator);
    const SourcePtr source = detail::make_source(text, name);
    for (const StaticError& error : impl_->evaluator.check(source)) {
      context().poll();  // each looks for its column, in a line of any length
      errors.push_back(detail::located(core::Error(error.kind, error.message), source, error.span));
    }
  });
  if (!checked) errors.push_back(checked.error());  // a text over the limit, or one that takes too long
  return errors;
}

Expected<std::string> Interpreter::lower(std::string_view text, Stage stage, std::string_view name) const {
  return detail::guarded([&] {
    const RunScope scope(impl_->evaluator);
    const SourcePtr source = detail::make_source(text, name);
    if (stage == Stage::ir) return ir::print(*impl_->evaluator.compile_shown(source));
    try {
      return ast::print(parse(source));
    } catch (const SyntaxError& error) {
      throw LocatedError(core::Error(core::ErrorKind::SyntaxError, error.what()), source, error.span);
    }
  });
}

Expected<Ending> Interpreter::explain(std::string_view source, std::string& report, std::string_view name,
                                      std::size_t columns) {
  report.clear();
  return detail::run_guarded(*impl_, [&](Evaluator& evaluator) {
    const ir::ProgramPtr program = evaluator.compile(detail::make_source(source, name));
    const Explainer explainer(evaluator, program);
    const auto write = [&] { report = explainer.report(columns); };
    try {
      evaluator.run(program);
    } catch (...) {
      write();
      throw;
    }
    write();
  });
}

std::vector<std::string> Interpreter::complete(std::string_view text, std::size_t position) const {
  auto found = detail::guarded([&] { return detail::completions(impl_->evaluator, text.substr(0, position)); });
  if (!found) return {};
  std::sort(found->begin(), found->end());
  found->erase(std::unique(found->begin(), found->end()), found->end());
  return *std::move(found);
}

std::vector<VariableInfo> Interpreter::describe() const { return detail::describe(impl_->evaluator.variables()); }

std::vector<std::string> Interpreter::holders(const void* memory) const {
  return inlay::holders(impl_->evaluator.variables(), static_cast<const Buffer*>(memory));
}

bool Interpreter::is_complete(std::string_view text) { return inlay::is_complete(text); }

std::string_view version() { return INLAY_VERSION; }

}  // namespace v1
}  // namespace inlay
