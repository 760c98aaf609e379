// api_program.cpp - programs that are read once and run often, and functions of the host's.
// Invariant: a Program is never written after it was made, and what it holds is counted for several threads.
#include <algorithm>

#include "interpreter/api/api_interpreter.h"
#include "interpreter/machine/machine.h"

namespace inlay {
inline namespace v1 {

namespace {

/// Whether the text is a name and nothing else: asked of the grammar, which knows the keywords.
bool is_name(std::string_view text) {
  try {
    const ast::Module module = parse(detail::make_source(text, ""));
    if (module.body.size() != 1) return false;
    const auto* statement = std::get_if<ast::ExprStmt>(&module.body.front()->node);
    const auto* name = statement == nullptr ? nullptr : std::get_if<ast::Name>(&statement->value->node);
    return name != nullptr && name->id == text;
  } catch (const SyntaxError&) {
    return false;
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
      return detail::admit(function(arguments), running_account()->number());
    } catch (...) {
      detail::rethrow_to_script();
    }
  };
  return core::Value::adopt(core::Value::Tag::host, object.release());
}

Program make_program(ir::ProgramPtr program, std::span<const std::string_view> parameters, bool is_function) {
  for (const core::Value& constant : program->constants) share(constant);
  auto data = std::make_shared<Program::Data>();
  data->program = std::move(program);
  data->parameters.assign(parameters.begin(), parameters.end());
  data->is_function = is_function;
  return Program(std::move(data));
}

/// A function of the language that checks its arguments as declared, and hands them to `function`.
core::Value declared_function(Evaluator& evaluator, std::string_view text, int arity, HostFunction function) {
  const HostSignature signature = [&] {
    try {
      return read_host_signature(text);
    } catch (const SyntaxError& error) {
      throw LocatedError(core::Error(core::ErrorKind::SyntaxError, error.what()), detail::make_source(text, "<host>"),
                         error.span);
    }
  }();
  if (!signature.has_star && arity >= 0 && signature.parameters != arity)
    raise(core::ErrorKind::ValueError, "{}() is declared with {} parameters, but the host's function takes {}",
          signature.name, signature.parameters, arity);
  const std::string_view parameters[] = {kHostParameter};
  const auto program =
      evaluator.prepare(evaluator.compile_function(detail::make_source(signature.body, "<host>"), parameters));
  return evaluator.call(Evaluator::function_of(program),
                        {make_host_function(signature.name, arity, std::move(function))});
}

}  // namespace

std::vector<Effect> Program::effects() const { return detail::effects(*data_->program); }

// ---- what an interpreter keeps of programs ----

void Interpreter::Impl::bind(std::string_view name, core::Value value) {
  if (!is_name(name)) raise(core::ErrorKind::ValueError, "'{}' is no name that a variable can have", name);
  evaluator.require_quiet();
  Machine(evaluator).keep_whole();  // a statement that calls the host back may be half-way
  evaluator.variables().slot(name) = std::move(value);
}

Interpreter::Impl::Link& Interpreter::Impl::find_link(const Program& program) {
  const ir::ProgramPtr& compiled = program.data().program;
  if (last_link_ != nullptr && last_link_->linked->program == compiled) return *last_link_;
  auto found = links_.find(compiled.get());
  if (found == links_.end()) {
    last_link_ = nullptr;
    std::erase_if(links_, [](const auto& each) { return each.second.linked->program.use_count() == 1; });
    found = links_.emplace(compiled.get(), Link{evaluator.prepare(compiled), {}}).first;
  }
  last_link_ = &found->second;
  return *last_link_;
}

std::shared_ptr<LinkedProgram> Interpreter::Impl::link(const Program& program) {
  if (program.data().is_function)
    raise(core::ErrorKind::ValueError, "the program is a function of {} parameters: it is called",
          program.parameters().size());
  return find_link(program).linked;
}

core::Value Interpreter::Impl::function(const Program& program) {
  if (!program.data().is_function) raise(core::ErrorKind::ValueError, "the program is no function: it is run");
  Link& link = find_link(program);
  if (link.function.is_undefined()) link.function = Evaluator::function_of(link.linked);
  return link.function;
}

// ---- programs ----

const std::vector<std::string>& Program::parameters() const { return data_->parameters; }
const std::string& Program::name() const { return data_->program->source->name(); }

Expected<Program> Interpreter::prepare(std::string_view source, std::string_view name) {
  return detail::guarded([&] {
    Evaluator& evaluator = impl_->evaluator;
    const RunScope scope(evaluator);
    const bool echo = static_cast<bool>(evaluator.host().echo);
    return make_program(evaluator.compile(detail::make_source(source, name), echo), {}, false);
  });
}

Expected<Program> Interpreter::prepare_function(std::string_view source, std::span<const std::string_view> parameters,
                                                std::string_view name) {
  return detail::guarded([&] {
    for (std::size_t at = 0; at < parameters.size(); ++at) {
      if (!is_name(parameters[at]))
        raise(core::ErrorKind::ValueError, "'{}' is no name that a parameter can have", parameters[at]);
      if (std::find(parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(at), parameters[at]) !=
          parameters.begin() + static_cast<std::ptrdiff_t>(at))
        raise(core::ErrorKind::ValueError, "two parameters are called '{}'", parameters[at]);
    }
    const RunScope scope(impl_->evaluator);
    return make_program(impl_->evaluator.compile_function(detail::make_source(source, name), parameters), parameters,
                        true);
  });
}

Expected<Program> Interpreter::prepare_function(std::string_view source,
                                                std::initializer_list<std::string_view> parameters,
                                                std::string_view name) {
  return prepare_function(source, std::span(parameters.begin(), parameters.size()), name);
}

Expected<Ending> Interpreter::run(const Program& program) {
  return detail::run_guarded(*impl_, [&](Evaluator& evaluator) { evaluator.run_prepared(impl_->link(program)); });
}

Expected<Ending> Interpreter::run(const Program& program, std::uint64_t& moved_bytes) {
  moved_bytes = 0;
  return detail::run_guarded(*impl_,
                             [&](Evaluator& evaluator) { evaluator.run_prepared(impl_->link(program), &moved_bytes); });
}

// ---- functions ----

Expected<Value> Interpreter::call(const Program& program, std::vector<Value> arguments) {
  return detail::guarded([&] {
    const core::Value function = impl_->function(program);
    const std::size_t wanted = program.parameters().size();
    if (arguments.size() != wanted)
      raise(core::ErrorKind::TypeError, "{} takes {} argument{} but {} {} given", program.name(), wanted,
            wanted == 1 ? "" : "s", arguments.size(), arguments.size() == 1 ? "was" : "were");
    const RunScope scope(impl_->evaluator);
    return detail::from_core(impl_->evaluator.call(function, detail::take(std::move(arguments), impl_->home())));
  });
}

Expected<Value> Interpreter::call(const Value& function, std::vector<Value> arguments) {
  return detail::guarded([&] {
    const RunScope scope(impl_->evaluator);
    const core::Value own = detail::admit(function, impl_->home());  // the host may let go of its own meanwhile
    return detail::from_core(impl_->evaluator.call(own, detail::take(std::move(arguments), impl_->home())));
  });
}

Expected<void> Interpreter::define(std::string_view name, int arity, HostFunction function) {
  return detail::guarded([&] {
    impl_->evaluator.require_quiet();
    const std::size_t parenthesis = name.find('(');
    core::Value value = parenthesis == std::string_view::npos
                            ? make_host_function(name, arity, std::move(function))
                            : declared_function(impl_->evaluator, name, arity, std::move(function));
    impl_->bind(name.substr(0, parenthesis), std::move(value));
  });
}

}  // namespace v1
}  // namespace inlay
