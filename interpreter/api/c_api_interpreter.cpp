// c_api_interpreter.cpp - interpreters, programs and functions of the host's in the C interface. See c_api.h.
#include "interpreter/api/c_api.h"

using inlay::Ending;
using inlay::Expected;
using inlay::Interpreter;
using inlay::Value;
using inlay::c_api::fill;
using inlay::c_api::guarded;
using inlay::c_api::make_text;
using inlay::c_api::make_value;
using inlay::c_api::name_or;
using inlay::c_api::or_null;
using inlay::c_api::values_of;

namespace {

void add_callbacks(const inlay_options& from, inlay::Options& options) {
  void* const user = from.user;
  if (from.print != nullptr)
    options.print = [call = from.print, user](std::string_view text) { call(user, text.data(), text.size()); };
  if (from.warn != nullptr)
    options.warn = [call = from.warn, user](std::string_view text) { call(user, std::string(text).c_str()); };
  if (from.echo != nullptr)
    options.echo = [call = from.echo, user](const Value& value) {
      const inlay_value lent{value};
      call(user, &lent);
    };
  if (from.progress != nullptr)
    options.progress = [call = from.progress, user](const inlay::Progress& note) {
      const std::string label(note.label);
      const inlay_progress progress{sizeof(inlay_progress), label.c_str(), note.done,    note.total,
                                    note.seconds,           note.depth,    note.is_over, note.is_operation};
      call(user, &progress);
    };
  if (from.load_module != nullptr)
    options.load_module = [call = from.load_module, user](std::string_view name) -> std::optional<inlay::SourceText> {
      const std::string module(name);
      const char* const text = call(user, module.c_str());
      if (text == nullptr) return std::nullopt;
      return inlay::SourceText{module + ".inlay", text};
    };
}

std::vector<std::string> texts_of(const char* const* texts, std::size_t count) { return {texts, texts + count}; }

inlay::Limits limits_of(const inlay_limits& from) {
  if (!INLAY_HAS(from, seconds))
    throw inlay::Exception(inlay::ErrorKind::ValueError, "inlay_limits: struct_size is not set");
  inlay::Limits out;
  out.fuel = from.fuel;
  out.memory = from.memory;
  out.elements = from.elements;
  out.rank = from.rank;
  out.depth = from.depth;
  out.source = from.source;
  out.nesting = from.nesting;
  out.output = from.output;
  out.seconds = from.seconds;
  if (INLAY_HAS(from, written)) out.written = from.written;
  return out;
}

inlay::Options options_of(const inlay_options* from) {
  inlay::Options options;
  if (from == nullptr) return options;
  if (!INLAY_HAS(*from, argument_count))
    throw inlay::Exception(inlay::ErrorKind::ValueError, "inlay_options: struct_size is not set");
  add_callbacks(*from, options);
  options.files = from->files != 0;
  options.threads = from->threads;
  options.fuse = from->no_fuse == 0;
  options.arguments = texts_of(from->arguments, from->argument_count);
  if (!INLAY_HAS(*from, write_folder_count)) return options;
  if (from->limits != nullptr) options.limits = limits_of(*from->limits);
  options.read_folders = texts_of(from->read_folders, from->read_folder_count);
  options.write_folders = texts_of(from->write_folders, from->write_folder_count);
  if (INLAY_HAS(*from, entropy) && from->entropy != nullptr)
    options.entropy = [call = from->entropy, user = from->user] { return call(user); };
  return options;
}

struct FreeError {
  void operator()(inlay_error* error) const { inlay_error_free(error); }
};
using OwnedError = std::unique_ptr<inlay_error, FreeError>;

/// Calls a function of the host's. Throws the error that it gives.
Value call_host(inlay_function function, void* user, std::span<const Value> arguments) {
  std::vector<inlay_value> lent;
  for (const Value& argument : arguments) lent.push_back({argument});
  std::vector<const inlay_value*> handles;
  for (const inlay_value& each : lent) handles.push_back(&each);
  inlay_value* result = nullptr;
  inlay_error* error = nullptr;
  const int kind = function(user, handles.data(), handles.size(), &result, &error);
  const std::unique_ptr<inlay_value> value(result);
  const OwnedError given(error);
  if (kind != INLAY_OK) {
    if (given != nullptr) throw inlay::Exception(given->error);
    const OwnedError plain(inlay_error_new(kind, "the host's function failed"));
    if (plain == nullptr) throw std::bad_alloc();
    throw inlay::Exception(plain->error);
  }
  return value == nullptr ? Value() : value->value;
}

/// For guarded(): makes a handle of what a function gave.
template <class Handle>
auto hand_out(Handle** out) {
  return [out](auto value) { *out = std::make_unique<Handle>(Handle{std::move(value)}).release(); };
}

auto note_ending(inlay_ending* out) {
  return [out](const Ending& ending) {
    if (out != nullptr) fill(*out, {0, ending.exited, ending.code});
  };
}

/// For guarded(): an Expected of nothing.
template <class F>
auto done(const F& function) {
  return [&function] {
    function();
    return Expected<void>();
  };
}

}  // namespace

extern "C" {

int inlay_new(const inlay_options* options, inlay_interpreter** interpreter, inlay_error** error) {
  return guarded(
      error, [&] { return Expected<Interpreter>(Interpreter(options_of(options))); }, hand_out(interpreter));
}
void inlay_free(inlay_interpreter* interpreter) { std::default_delete<inlay_interpreter>()(interpreter); }
void inlay_default_limits(inlay_limits* limits, size_t size) {
  const inlay::Limits from;
  limits->struct_size = std::min(size, sizeof(inlay_limits));
  fill(*limits, {0, from.fuel, from.memory, from.elements, from.rank, from.depth, from.source, from.nesting,
                 from.output, from.seconds, from.written});
}
void inlay_get_usage(const inlay_interpreter* interpreter, inlay_usage* usage) {
  const inlay::Usage from = interpreter->interpreter.usage();
  fill(*usage, {0, from.fuel, from.memory, from.peak, from.output, from.written});
}

int inlay_bind(inlay_interpreter* interpreter, const char* name, const inlay_value* value, inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.bind(name, value->value); }, [] {});
}
int inlay_get(inlay_interpreter* interpreter, const char* name, inlay_value** value, inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.get(name); }, hand_out(value));
}
int inlay_variables(inlay_interpreter* interpreter, void (*visit)(void* user, const char* name), void* user) {
  const auto run = [&] {
    for (const std::string& name : interpreter->interpreter.variables()) visit(user, name.c_str());
  };
  return guarded(nullptr, done(run), [] {});
}
char* inlay_variables_json(inlay_interpreter* interpreter) {
  return or_null([&] { return make_text(interpreter->interpreter.variables_json()); });
}

int inlay_define(inlay_interpreter* interpreter, const char* name, int arity, inlay_function function, void* user,
                 void (*release)(void* user), inlay_error** error) {
  const auto define = [&] {
    const std::shared_ptr<void> owner = inlay::c_api::owner_of(user, release);
    const auto call = [function, owner](std::span<const Value> arguments) {
      return call_host(function, owner.get(), arguments);
    };
    return interpreter->interpreter.define(name, arity, call);
  };
  return guarded(error, define, [] {});
}

int inlay_run(inlay_interpreter* interpreter, const char* source, const char* name, inlay_ending* ending,
              inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.run(source, name_or(name, "script")); }, note_ending(ending));
}
int inlay_eval(inlay_interpreter* interpreter, const char* expression, const char* name, inlay_value** value,
               inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.eval(expression, name_or(name, "expression")); }, hand_out(value));
}
int inlay_call(inlay_interpreter* interpreter, const inlay_value* function, const inlay_value* const* arguments,
               size_t count, inlay_value** value, inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.call(function->value, values_of(arguments, count)); },
      hand_out(value));
}
void inlay_interrupt(inlay_interpreter* interpreter) { interpreter->interpreter.interrupt(); }

int inlay_prepare(inlay_interpreter* interpreter, const char* source, const char* name, inlay_program** program,
                  inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.prepare(source, name_or(name, "script")); }, hand_out(program));
}
int inlay_prepare_function(inlay_interpreter* interpreter, const char* source, const char* const* parameters,
                           size_t count, const char* name, inlay_program** program, inlay_error** error) {
  const auto prepare = [&] {
    const std::vector<std::string_view> names(parameters, parameters + count);
    return interpreter->interpreter.prepare_function(source, names, name_or(name, "function"));
  };
  return guarded(error, prepare, hand_out(program));
}
int inlay_run_program(inlay_interpreter* interpreter, const inlay_program* program, inlay_ending* ending,
                      inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.run(program->program); }, note_ending(ending));
}
int inlay_call_program(inlay_interpreter* interpreter, const inlay_program* program,
                       const inlay_value* const* arguments, size_t count, inlay_value** value, inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.call(program->program, values_of(arguments, count)); },
      hand_out(value));
}
void inlay_program_free(inlay_program* program) { std::default_delete<inlay_program>()(program); }

int inlay_fork(inlay_interpreter* interpreter, const inlay_options* options, inlay_interpreter** fork,
               inlay_error** error) {
  const auto make = [&] {
    return options == nullptr ? interpreter->interpreter.fork() : interpreter->interpreter.fork(options_of(options));
  };
  return guarded(error, make, hand_out(fork));
}
int inlay_take_snapshot(inlay_interpreter* interpreter, inlay_snapshot** snapshot, inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.snapshot(); }, hand_out(snapshot));
}
int inlay_restore(inlay_interpreter* interpreter, const inlay_snapshot* snapshot, inlay_error** error) {
  return guarded(
      error, [&] { return interpreter->interpreter.restore(snapshot->snapshot); }, [] {});
}
void inlay_snapshot_free(inlay_snapshot* snapshot) { std::default_delete<inlay_snapshot>()(snapshot); }

int inlay_check(inlay_interpreter* interpreter, const char* source, const char* name,
                void (*report)(void* user, const inlay_error* error), void* user) {
  const auto run = [&] {
    for (const inlay::Error& error : interpreter->interpreter.check(source, name_or(name, "script"))) {
      const inlay_error lent{error};
      report(user, &lent);
    }
  };
  return guarded(nullptr, done(run), [] {});
}
int inlay_lower(inlay_interpreter* interpreter, const char* source, int stage, const char* name, char** text,
                inlay_error** error) {
  const auto lower = [&] {
    return interpreter->interpreter.lower(source, stage == INLAY_STAGE_IR ? inlay::Stage::ir : inlay::Stage::ast,
                                          name_or(name, "script"));
  };
  return guarded(error, lower, [&](const std::string& lowered) { *text = make_text(lowered); });
}
int inlay_explain(inlay_interpreter* interpreter, const char* source, const char* name, char** report,
                  inlay_error** error) {
  const auto explain = [&] {
    std::string text;
    auto ending = interpreter->interpreter.explain(source, text, name_or(name, "script"));
    *report = make_text(text);
    return ending;
  };
  return guarded(error, explain, [](const Ending&) {});
}
int inlay_complete(inlay_interpreter* interpreter, const char* text, size_t position,
                   void (*visit)(void* user, const char* word), void* user) {
  const auto run = [&] {
    for (const std::string& word : interpreter->interpreter.complete(text, position)) visit(user, word.c_str());
  };
  return guarded(nullptr, done(run), [] {});
}
int inlay_is_complete(const char* text) {
  int out = 1;
  guarded(nullptr, done([&] { out = Interpreter::is_complete(text); }), [] {});
  return out;
}
char* inlay_reference_json(void) {
  return or_null([] { return make_text(Interpreter::reference_json()); });
}

}  // extern "C"
