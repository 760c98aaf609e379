// api.cpp - Interpreter of the public interface: an evaluator, with values and errors turned into the host's.
// Invariant: nothing is thrown into the host; a function of the host may throw, and the script sees an error.
#include "interpreter/api.h"

#include <algorithm>

namespace inlay {
inline namespace v1 {

namespace {

SourcePtr make_source(std::string_view text, std::string_view name) {
  return std::make_shared<Source>(std::string(name), std::string(text));
}

FileSystem refused_files() {
  const auto refuse = [](const std::string& path) {
    raise(core::ErrorKind::RuntimeError, "this host does not lend its files: '{}'", path);
  };
  return {[refuse](const std::string& path) -> std::string {
            refuse(path);
            return {};
          },
          [refuse](const std::string& path, std::string_view) { refuse(path); }};
}

/// What the evaluator borrows, in its own types.
Host make_host(const Options& options) {
  Host host;
  host.print = options.print;
  host.warn = options.warn;
  if (options.echo)
    host.echo = [echo = options.echo](const core::Value& value) {
      if (!value.is_none()) echo(detail::from_core(value));
    };
  if (options.progress)
    host.progress = [progress = options.progress](const LoopProgress& loop) {
      progress({loop.label, loop.done, loop.total, loop.seconds, loop.depth, loop.is_over});
    };
  if (options.load_module) {
    host.load_module = [load = options.load_module](std::string_view name) -> SourcePtr {
      const auto found = load(name);
      return found ? make_source(found->text, found->name) : nullptr;
    };
  }
  host.files = options.files ? host_files() : refused_files();
  host.arguments = options.arguments;
  host.fuse = options.fuse;
  return host;
}

/// What a function of the host throws, as an error of the script.
[[noreturn]] void rethrow_to_script() {
  try {
    throw;
  } catch (const Exception& exception) {
    throw core::Error(detail::to_core(exception.error().kind()), exception.error().message());
  } catch (const core::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw core::Error(core::ErrorKind::MemoryError, "out of memory");
  } catch (const std::exception& exception) {
    throw core::Error(core::ErrorKind::RuntimeError, exception.what());
  } catch (...) {
    throw core::Error(core::ErrorKind::RuntimeError, "the host's function failed");
  }
}

core::Value make_host_function(std::string_view name, int arity, HostFunction function) {
  auto object = std::make_unique<HostObject>();
  object->name = name;
  object->arity = arity;
  object->function = [function = std::move(function)](std::vector<core::Value> values) -> core::Value {
    std::vector<Value> arguments;
    arguments.reserve(values.size());
    for (core::Value& value : values) arguments.push_back(detail::from_core(std::move(value)));
    values.clear();
    try {
      return function(arguments).data().value;
    } catch (...) {
      rethrow_to_script();
    }
  };
  return core::Value::adopt(core::Value::Tag::host, object.release());
}

/// Whether the text is a name and nothing else: asked of the grammar, which knows the keywords.
bool is_name(std::string_view text) {
  try {
    const ast::Module module = parse(make_source(text, ""));
    if (module.body.size() != 1) return false;
    const auto* statement = std::get_if<ast::ExprStmt>(&module.body.front()->node);
    const auto* name = statement == nullptr ? nullptr : std::get_if<ast::Name>(&statement->value->node);
    return name != nullptr && name->id == text;
  } catch (const SyntaxError&) {
    return false;
  }
}

}  // namespace

struct Interpreter::Impl {
  explicit Impl(const Options& options) : evaluator(make_host(options)) {
    evaluator.runtime_context().threads = options.threads > 0 ? options.threads : hardware_threads();
  }

  void bind(std::string_view name, core::Value value) {
    if (!is_name(name)) raise(core::ErrorKind::ValueError, "'{}' is no name that a variable can have", name);
    evaluator.variables().slot(name) = std::move(value);
  }

  Evaluator evaluator;
  int runs = 0;  // in progress: a function of the host may run a script in turn
};

namespace {

/// The time of a run. An interrupt asked for before it stops it; one that comes too late stops nothing.
template <class Impl>
class RunScope {
 public:
  explicit RunScope(Impl& impl) : impl_(impl) { ++impl_.runs; }
  ~RunScope() {
    if (--impl_.runs == 0) impl_.evaluator.runtime_context().cancelled.store(false, std::memory_order_relaxed);
  }
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

 private:
  Impl& impl_;
};

/// A run from its beginning to its end, or to exit().
template <class Impl, class Run>
Expected<Ending> run_guarded(Impl& impl, const Run& run) {
  return detail::guarded([&] {
    const RunScope scope(impl);
    try {
      run(impl.evaluator);
      return Ending{};
    } catch (const ExitRequest& request) {
      return Ending{true, request.code};
    }
  });
}

}  // namespace

Interpreter::Interpreter(Options options) : impl_(std::make_unique<Impl>(options)) {}
Interpreter::~Interpreter() = default;
Interpreter::Interpreter(Interpreter&&) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&&) noexcept = default;

// ---- variables ----

Expected<void> Interpreter::bind(std::string_view name, const Value& value) {
  return detail::guarded([&] { impl_->bind(name, value.data().value); });
}

Expected<void> Interpreter::bind(std::string_view name, const ArrayRef& array) {
  return detail::guarded([&] { impl_->bind(name, core::Value::of(detail::to_tensor(array))); });
}

Expected<void> Interpreter::define(std::string_view name, int arity, HostFunction function) {
  return detail::guarded([&] { impl_->bind(name, make_host_function(name, arity, std::move(function))); });
}

Expected<Value> Interpreter::get(std::string_view name) const {
  return detail::guarded([&] {
    if (const core::Value* variable = impl_->evaluator.variables().find(name)) return detail::from_core(*variable);
    core::Value builtin = impl_->evaluator.builtin(name);
    if (builtin.is_undefined()) raise(core::ErrorKind::NameError, "name '{}' is not defined", name);
    return detail::from_core(std::move(builtin));
  });
}

std::vector<std::string> Interpreter::variables() const {
  const Environment& environment = impl_->evaluator.variables();
  std::vector<std::string> names = environment.names();
  std::erase_if(names, [&](const std::string& name) { return !environment.is_bound(name); });
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
  return run_guarded(*impl_, [&](Evaluator& evaluator) {
    evaluator.run(evaluator.compile(make_source(source, name), static_cast<bool>(evaluator.host().echo)));
  });
}

struct Program::Data {
  std::shared_ptr<LinkedProgram> linked;
};

Expected<Program> Interpreter::prepare(std::string_view source, std::string_view name) {
  return detail::guarded([&] {
    Evaluator& evaluator = impl_->evaluator;
    auto program = evaluator.compile(make_source(source, name), static_cast<bool>(evaluator.host().echo));
    return Program(std::make_shared<const Program::Data>(evaluator.prepare(std::move(program))));
  });
}

Expected<Ending> Interpreter::run(const Program& program) {
  return run_guarded(*impl_, [&](Evaluator& evaluator) { evaluator.run(program.data().linked); });
}

Expected<Value> Interpreter::eval(std::string_view expression, std::string_view name) {
  return detail::guarded([&] {
    const RunScope scope(*impl_);
    return detail::from_core(impl_->evaluator.evaluate(make_source(expression, name)));
  });
}

Expected<Value> Interpreter::call(const Value& function, std::span<const Value> arguments) {
  return detail::guarded([&] {
    const RunScope scope(*impl_);
    std::vector<core::Value> values;
    for (const Value& argument : arguments) values.push_back(argument.data().value);
    return detail::from_core(impl_->evaluator.call(function.data().value, std::move(values)));
  });
}

void Interpreter::interrupt() noexcept { impl_->evaluator.interrupt(); }

// ---- for tools ----

std::vector<Error> Interpreter::check(std::string_view text, std::string_view name) const {
  const SourcePtr source = make_source(text, name);
  std::vector<Error> errors;
  for (const StaticError& error : impl_->evaluator.check(source))
    errors.push_back(detail::located(core::Error(error.kind, error.message), source, error.span));
  return errors;
}

Expected<std::string> Interpreter::lower(std::string_view text, Stage stage, std::string_view name) const {
  const SourcePtr source = make_source(text, name);
  return detail::guarded([&] {
    if (stage == Stage::ir) return ir::print(*impl_->evaluator.compile(source));
    try {
      return ast::print(parse(source));
    } catch (const SyntaxError& error) {
      throw LocatedError(core::Error(core::ErrorKind::SyntaxError, error.what()), source, error.span);
    }
  });
}

Expected<Ending> Interpreter::explain(std::string_view source, std::string& report, std::string_view name) {
  report.clear();
  return run_guarded(*impl_, [&](Evaluator& evaluator) {
    const ir::ProgramPtr program = evaluator.compile(make_source(source, name));
    const Explainer explainer(evaluator, program);
    const auto write = [&] { report = explainer.report(); };
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

bool Interpreter::is_complete(std::string_view text) { return inlay::is_complete(text); }

std::string_view version() { return INLAY_VERSION; }

}  // namespace v1
}  // namespace inlay
