// Allocations that fail inside any call of the public interface, the nth one or all from the nth on: nothing is thrown
// and nothing ends the process, the call gives a MemoryError or what it gives otherwise, what the host handed over is
// let go of once, and the interpreter works afterwards.
#include <doctest/doctest.h>

#include <complex>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inlay/inlay.h"
#include "inlay/inlay.hpp"
#include "interpreter/api/dlpack_abi.h"
#include "unit/failing_allocations.h"

using namespace inlay;

namespace {

constexpr const char* kSetup =
    "x = arange(10.0)\nl = [1, ['a text that is longer than a short string', x]]\nd = {'k': 1, 2: [3]}\n"
    "big = 300\ntext = 'a text that is longer than a short string'\n"
    "def f(a):\n    return a + 1\ndef outer(a):\n    return lambda: a\nclosure = outer(l)\n";

/// What every call is made with: nothing of it is allocated while allocations fail.
struct World {
  World() {
    REQUIRE(inlay_new(nullptr, &c, nullptr) == INLAY_OK);
    REQUIRE(inlay_run(c, kSetup, nullptr, nullptr, nullptr) == INLAY_OK);
    for (const char* name : {"x", "l", "d", "f", "big", "text"}) {
      inlay_value* got = nullptr;
      REQUIRE(inlay_get(c, name, &got, nullptr) == INLAY_OK);
      values.push_back(got);
    }
    REQUIRE(inlay_prepare(c, "y = x * 2", nullptr, &program, nullptr) == INLAY_OK);
    REQUIRE(inlay_prepare_function(c, "a + 1", &parameter, 1, nullptr, &function, nullptr) == INLAY_OK);
    REQUIRE(inlay_take_snapshot(c, &snapshot, nullptr) == INLAY_OK);
    REQUIRE(inlay_define(c, "host", 1, answer, nullptr, nullptr, nullptr) == INLAY_OK);
    REQUIRE(inlay_define(c, "refusing", -1, refuse, nullptr, nullptr, nullptr) == INLAY_OK);
  }
  ~World() {
    for (inlay_value* each : values) inlay_value_free(each);
    inlay_program_free(program);
    inlay_program_free(function);
    inlay_snapshot_free(snapshot);
    inlay_free(c);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  static int answer(void*, const inlay_value* const* arguments, std::size_t, inlay_value** result, inlay_error**) {
    *result = inlay_value_share(arguments[0]);
    return *result == nullptr ? INLAY_MEMORY_ERROR : INLAY_OK;
  }
  static int refuse(void*, const inlay_value* const*, std::size_t, inlay_value**, inlay_error** error) {
    *error = inlay_error_new(INLAY_KEY_ERROR, "a message that is longer than a short string");
    return INLAY_KEY_ERROR;
  }
  static int returns_nothing(void*, const inlay_value* const*, std::size_t, inlay_value**, inlay_error**) { return 0; }
  static void count(void* user) { ++*static_cast<int*>(user); }

  const inlay_value* x() const { return values[0]; }
  const inlay_value* list() const { return values[1]; }
  const inlay_value* dict() const { return values[2]; }
  const inlay_value* callee() const { return values[3]; }
  const inlay_value* big() const { return values[4]; }
  const inlay_value* text() const { return values[5]; }

  inlay_interpreter* c = nullptr;
  std::vector<inlay_value*> values;
  const char* parameter = "a";
  inlay_program *program = nullptr, *function = nullptr;
  inlay_snapshot* snapshot = nullptr;
  double data[4] = {1, 2, 3, 4};
  std::int64_t shape[1] = {4};
  int released = 0;
  inlay_error* error = nullptr;  // of the call
  inlay_value* value = nullptr;  // that it gave
};

struct CCall {
  const char* name;
  int kind;  // that it gives where there is memory
  std::function<int(World&)> call;
};

/// A text that a call gave: null for want of memory alone.
int freed(char* text) {
  const int kind = text == nullptr ? INLAY_MEMORY_ERROR : INLAY_OK;
  inlay_text_free(text);
  return kind;
}
int freed(inlay_value* value) {
  const int kind = value == nullptr ? INLAY_MEMORY_ERROR : INLAY_OK;
  inlay_value_free(value);
  return kind;
}
void ignore(void*, const char*) {}
void ignore_error(void*, const inlay_error*) {}

int import_tensor(World& w) {
  struct Managed {
    DLManagedTensorVersioned tensor{};
    int deleted = 0;
  } managed;
  managed.tensor.version = {1, 0};
  managed.tensor.manager_ctx = &managed;
  managed.tensor.deleter = [](DLManagedTensorVersioned* self) { ++static_cast<Managed*>(self->manager_ctx)->deleted; };
  managed.tensor.dl_tensor = {w.data, {1, 0}, 1, {2, 64, 1}, w.shape, nullptr, 0};
  const int kind = inlay_from_dlpack(&managed.tensor, 0, &w.value, &w.error);
  if (kind != INLAY_OK) REQUIRE(managed.deleted == 0);
  inlay_value_free(std::exchange(w.value, nullptr));
  REQUIRE(managed.deleted == (kind == INLAY_OK ? 1 : 0));
  return kind;
}

int make_tensor(World& w, int access) {
  w.released = 0;
  inlay_array array = INLAY_ARRAY_INIT;
  array.data = w.data;
  array.rank = 1;
  array.shape = w.shape;
  array.access = access;
  array.release = World::count;
  array.user = &w.released;
  const int kind = inlay_tensor(&array, &w.value, &w.error);
  inlay_value_free(std::exchange(w.value, nullptr));
  REQUIRE(w.released == 1);
  return kind;
}

int define(World& w, const char* name, int arity) {
  w.released = 0;
  const int kind = inlay_define(w.c, name, arity, World::returns_nothing, &w.released, World::count, &w.error);
  REQUIRE(w.released == (kind == INLAY_OK ? 0 : 1));
  return kind;
}

int make_interpreter(World& w, const inlay_options* options) {
  inlay_interpreter* made = nullptr;
  const int kind = inlay_new(options, &made, &w.error);
  inlay_free(made);
  return kind;
}

const CCall kCCalls[] = {
    {"new", INLAY_OK, [](World& w) { return make_interpreter(w, nullptr); }},
    {"new with options", INLAY_OK,
     [](World& w) {
       const char* const texts[] = {"a folder or argument with a long name", "other"};
       inlay_options options = INLAY_OPTIONS_INIT;
       inlay_limits limits;
       inlay_default_limits(&limits, sizeof limits);
       options.limits = &limits;
       options.print = [](void*, const char*, std::size_t) {};
       options.arguments = options.read_folders = texts;
       options.argument_count = options.read_folder_count = 2;
       return make_interpreter(w, &options);
     }},
    {"free", INLAY_OK, [](World& w) { return inlay_free(std::exchange(w.c, nullptr)), INLAY_OK; }},
    {"error_new", INLAY_OK,
     [](World&) {
       inlay_error* const made = inlay_error_new(INLAY_KEY_ERROR, "a message that is longer than a short string");
       inlay_error_free(made);
       return made == nullptr ? INLAY_MEMORY_ERROR : INLAY_OK;
     }},
    {"run", INLAY_OK, [](World& w) { return inlay_run(w.c, "y = exp(x)\nprint(y)", nullptr, nullptr, &w.error); }},
    {"run to an error", INLAY_VALUE_ERROR,
     [](World& w) { return inlay_run(w.c, "y = f(x) + ones(3)", nullptr, nullptr, &w.error); }},
    {"run to a syntax error", INLAY_SYNTAX_ERROR,
     [](World& w) { return inlay_run(w.c, "y = = 3", nullptr, nullptr, &w.error); }},
    {"run a host's function", INLAY_OK,
     [](World& w) { return inlay_run(w.c, "y = host(l)", nullptr, nullptr, &w.error); }},
    {"run a host's function to an error", INLAY_KEY_ERROR,
     [](World& w) { return inlay_run(w.c, "y = refusing(l, x)", nullptr, nullptr, &w.error); }},
    {"eval", INLAY_OK,
     [](World& w) {
       const int kind =
           inlay_eval(w.c, "[1, x, 'a text that is longer than a short string']", nullptr, &w.value, &w.error);
       inlay_value_free(std::exchange(w.value, nullptr));
       return kind;
     }},
    {"call", INLAY_OK,
     [](World& w) {
       const inlay_value* arguments[] = {w.x()};
       const int kind = inlay_call(w.c, w.callee(), arguments, 1, &w.value, &w.error);
       inlay_value_free(std::exchange(w.value, nullptr));
       return kind;
     }},
    {"bind", INLAY_OK, [](World& w) { return inlay_bind(w.c, "another_variable_of_a_long_name", w.x(), &w.error); }},
    {"bind to no name", INLAY_VALUE_ERROR, [](World& w) { return inlay_bind(w.c, "no name", w.x(), &w.error); }},
    {"get", INLAY_OK,
     [](World& w) {
       const int kind = inlay_get(w.c, "x", &w.value, &w.error);
       inlay_value_free(std::exchange(w.value, nullptr));
       return kind;
     }},
    {"get nothing", INLAY_NAME_ERROR, [](World& w) { return inlay_get(w.c, "nothing", &w.value, &w.error); }},
    {"variables", INLAY_OK, [](World& w) { return inlay_variables(w.c, ignore, nullptr); }},
    {"variables_json", INLAY_OK, [](World& w) { return freed(inlay_variables_json(w.c)); }},
    {"define", INLAY_OK, [](World& w) { return define(w, "a_function_of_a_long_name", 2); }},
    {"define by a signature", INLAY_OK, [](World& w) { return define(w, "declared(x: float64[n], y=2)", 2); }},
    {"define no name", INLAY_VALUE_ERROR, [](World& w) { return define(w, "no name", 2); }},
    {"prepare and run", INLAY_OK,
     [](World& w) {
       inlay_program* made = nullptr;
       int kind = inlay_prepare(w.c, "z = 1\nz = z + x", nullptr, &made, &w.error);
       if (kind == INLAY_OK) kind = inlay_run_program(w.c, made, nullptr, &w.error);
       inlay_program_free(made);
       return kind;
     }},
    {"prepare_function", INLAY_OK,
     [](World& w) {
       inlay_program* made = nullptr;
       const int kind = inlay_prepare_function(w.c, "a * 2", &w.parameter, 1, nullptr, &made, &w.error);
       inlay_program_free(made);
       return kind;
     }},
    {"run_program", INLAY_OK, [](World& w) { return inlay_run_program(w.c, w.program, nullptr, &w.error); }},
    {"call_program", INLAY_OK,
     [](World& w) {
       const inlay_value* arguments[] = {w.x()};
       const int kind = inlay_call_program(w.c, w.function, arguments, 1, &w.value, &w.error);
       inlay_value_free(std::exchange(w.value, nullptr));
       return kind;
     }},
    {"fork", INLAY_OK,
     [](World& w) {
       inlay_interpreter* made = nullptr;
       const int kind = inlay_fork(w.c, nullptr, &made, &w.error);
       inlay_free(made);
       return kind;
     }},
    {"take_snapshot", INLAY_OK,
     [](World& w) {
       inlay_snapshot* made = nullptr;
       const int kind = inlay_take_snapshot(w.c, &made, &w.error);
       inlay_snapshot_free(made);
       return kind;
     }},
    {"restore", INLAY_OK, [](World& w) { return inlay_restore(w.c, w.snapshot, &w.error); }},
    {"check", INLAY_OK,
     [](World& w) { return inlay_check(w.c, "y = nowhere\nz = zeors(3)", nullptr, ignore_error, nullptr); }},
    {"lower", INLAY_OK,
     [](World& w) {
       char* text = nullptr;
       const int kind = inlay_lower(w.c, "y = x[1:] * 2", INLAY_STAGE_IR, nullptr, &text, &w.error);
       inlay_text_free(text);
       return kind;
     }},
    {"lower nonsense", INLAY_SYNTAX_ERROR,
     [](World& w) {
       char* text = nullptr;
       return inlay_lower(w.c, "y = =", INLAY_STAGE_AST, nullptr, &text, &w.error);
     }},
    {"explain", INLAY_OK,
     [](World& w) {
       char* text = nullptr;
       const int kind = inlay_explain(w.c, "y = x * 2\ny[0] = 1", nullptr, &text, &w.error);
       inlay_text_free(text);
       return kind;
     }},
    {"complete", INLAY_OK, [](World& w) { return inlay_complete(w.c, "ar", 2, ignore, nullptr); }},
    {"is_complete", INLAY_OK, [](World&) { return inlay_is_complete("def f(x):\n  return x\n") * 0; }},
    {"reference_json", INLAY_OK, [](World&) { return freed(inlay_reference_json()); }},
    {"none", INLAY_OK, [](World&) { return freed(inlay_none()); }},
    {"complex", INLAY_OK, [](World&) { return freed(inlay_complex(1, 2)); }},
    {"string", INLAY_OK, [](World&) { return freed(inlay_string("a text that is longer than a short string")); }},
    {"list", INLAY_OK,
     [](World& w) {
       const inlay_value* both[] = {w.x(), w.list()};
       return freed(inlay_list(both, 2));
     }},
    {"tuple", INLAY_OK,
     [](World& w) {
       const inlay_value* both[] = {w.x(), w.list()};
       return freed(inlay_tuple(both, 2));
     }},
    {"tensor that reads", INLAY_OK, [](World& w) { return make_tensor(w, INLAY_READ); }},
    {"tensor that is copied", INLAY_OK, [](World& w) { return make_tensor(w, INLAY_COPY); }},
    {"tensor of no access", INLAY_VALUE_ERROR, [](World& w) { return make_tensor(w, 9); }},
    {"share", INLAY_OK, [](World& w) { return freed(inlay_value_share(w.list())); }},
    {"for_any_thread", INLAY_OK,
     [](World& w) {
       const int kind = inlay_value_for_any_thread(w.list(), &w.value, &w.error);
       inlay_value_free(std::exchange(w.value, nullptr));
       return kind;
     }},
    {"value_int of a text", INLAY_TYPE_ERROR,
     [](World& w) {
       std::int64_t number = 0;
       return inlay_value_int(w.text(), &number, &w.error);
     }},
    {"value_text", INLAY_OK, [](World& w) { return freed(inlay_value_text(w.list())); }},
    {"value_repr", INLAY_OK, [](World& w) { return freed(inlay_value_repr(w.x())); }},
    {"value_view", INLAY_OK,
     [](World& w) {
       inlay_tensor_view view = INLAY_TENSOR_VIEW_INIT;
       return inlay_value_view(w.x(), &view, &w.error);
     }},
    {"value_view of a list", INLAY_TYPE_ERROR,
     [](World& w) {
       inlay_tensor_view view = INLAY_TENSOR_VIEW_INIT;
       return inlay_value_view(w.list(), &view, &w.error);
     }},
    {"value_at", INLAY_OK,
     [](World& w) {
       const int kind = inlay_value_at(w.x(), 1, &w.value, &w.error);
       inlay_value_free(std::exchange(w.value, nullptr));
       return kind;
     }},
    {"value_at beyond the end", INLAY_INDEX_ERROR,
     [](World& w) { return inlay_value_at(w.list(), 100, &w.value, &w.error); }},
    {"value_item", INLAY_KEY_ERROR, [](World& w) { return inlay_value_item(w.dict(), w.text(), &w.value, &w.error); }},
    {"to_dlpack", INLAY_OK,
     [](World& w) {
       DLManagedTensorVersioned* lent = nullptr;
       const int kind = inlay_to_dlpack(w.x(), 1, &lent, &w.error);
       if (lent != nullptr) lent->deleter(lent);
       return kind;
     }},
    {"from_dlpack", INLAY_OK, import_tensor},
};

/// Every allocation is tried up to the hundredth, of calls that come to many more some behind those.
long following(long at) { return at + 1 + (at > 100 ? at / 8 : 0); }

/// Makes the call with its nth allocation failing, for each n that it comes to; gives how many those are.
long sweep(const CCall& each, bool for_ever) {
  for (long at = 1;; at = following(at)) {
    World world;
    allocation_plan() = {at, for_ever, false};
    const int kind = each.call(world);
    const bool has_failed = allocation_plan().has_failed;
    allocation_plan() = {};
    REQUIRE_MESSAGE((kind == each.kind || (has_failed && kind == INLAY_MEMORY_ERROR)),
                    std::string(each.name) << " at allocation " << at << ": " << kind << " "
                                           << std::string(world.error ? inlay_error_message(world.error) : ""));
    if (world.error != nullptr) {
      REQUIRE(inlay_error_get_kind(world.error) == kind);
      REQUIRE(std::string(inlay_error_report(world.error)).starts_with(inlay_error_kind_name(world.error)));
      if (kind == INLAY_MEMORY_ERROR) REQUIRE(std::strlen(inlay_error_message(world.error)) > 0);
      inlay_error_free(std::exchange(world.error, nullptr));
    }
    if (!has_failed) return at - 1;
    if (world.c == nullptr) continue;
    REQUIRE_MESSAGE(each.call(world) == each.kind, std::string(each.name) << " after allocation " << at);
    inlay_error_free(std::exchange(world.error, nullptr));
  }
}

// ---- C++ ------------------------------------------------------------------------------------------------------------

struct State {
  State() {
    REQUIRE(in.run(kSetup));
    REQUIRE(in.define("host", 1, [](std::span<const Value> given) { return given[0]; }));
    for (const char* name : {"x", "l", "f", "big", "text"}) values.push_back(in.get(name).value());
    arguments = {values[0]};
    program.emplace(in.prepare("y = x * 2").value());
    snapshot.emplace(in.snapshot().value());
    array = adopt(std::vector<double>{1, 2, 3}, 3);
  }
  Interpreter in;
  std::vector<Value> values, arguments;
  std::optional<Program> program;
  std::optional<Snapshot> snapshot;
  ArrayRef array;
};

/// The kind of the error in it, or none.
template <class T>
std::optional<ErrorKind> kind_of(const Expected<T>& result) {
  return result ? std::nullopt : std::optional(result.error().kind());
}

struct CppCall {
  const char* name;
  std::optional<ErrorKind> kind;  // of the error that it gives where there is memory
  std::function<std::optional<ErrorKind>(State&)> call;
};

const CppCall kExpecting[] = {
    {"bind", {}, [](State& s) { return kind_of(s.in.bind("another_variable_of_a_long_name", s.values[0])); }},
    {"bind an array", {}, [](State& s) { return kind_of(s.in.bind("another_variable", s.array)); }},
    {"get", {}, [](State& s) { return kind_of(s.in.get("l")); }},
    {"get nothing", ErrorKind::NameError, [](State& s) { return kind_of(s.in.get("nothing_of_such_a_long_name")); }},
    {"def",
     {},
     [](State& s) {
       return kind_of(
           s.in.def("a_function_of_a_long_name", [a = 1.0, b = 2.0, c = 3.0](double x) { return a + b + c + x; }));
     }},
    {"run", {}, [](State& s) { return kind_of(s.in.run("y = host(l)")); }},
    {"run to an error", ErrorKind::ValueError, [](State& s) { return kind_of(s.in.run("y = f(x) + ones(3)")); }},
    {"run a program", {}, [](State& s) { return kind_of(s.in.run(*s.program)); }},
    {"prepare", {}, [](State& s) { return kind_of(s.in.prepare("y = x + 1")); }},
    {"prepare_function", {}, [](State& s) { return kind_of(s.in.prepare_function("a + 1", {"a"})); }},
    {"call", {}, [](State& s) { return kind_of(s.in.call(s.values[2], std::move(s.arguments))); }},
    {"eval", {}, [](State& s) { return kind_of(s.in.eval("[x, l]")); }},
    {"fork", {}, [](State& s) { return kind_of(s.in.fork()); }},
    {"snapshot", {}, [](State& s) { return kind_of(s.in.snapshot()); }},
    {"restore", {}, [](State& s) { return kind_of(s.in.restore(*s.snapshot)); }},
    {"lower", {}, [](State& s) { return kind_of(s.in.lower("y = x[1:] * 2", Stage::ir)); }},
    {"explain",
     {},
     [](State& s) {
       std::string report;
       return kind_of(s.in.explain("y = x * 2", report));
     }},
    {"tensor", {}, [](State& s) { return kind_of(Value::tensor(s.array)); }},
    {"as an int of few bits", ErrorKind::OverflowError,
     [](State& s) { return kind_of(s.values[3].as<std::int8_t>()); }},
    {"as an int", ErrorKind::TypeError, [](State& s) { return kind_of(s.values[4].as<int>()); }},
    {"as a text", {}, [](State& s) { return kind_of(s.values[4].as<std::string>()); }},
    {"as a complex number", ErrorKind::TypeError,
     [](State& s) { return kind_of(s.values[4].as<std::complex<double>>()); }},
    {"span", {}, [](State& s) { return kind_of(s.values[0].span<double>()); }},
    {"span of another type", ErrorKind::TypeError, [](State& s) { return kind_of(s.values[0].span<float>()); }},
    {"view of another shape", ErrorKind::TypeError,
     [](State& s) { return kind_of(s.values[0].view<double, any, 3>()); }},
    {"dtype of a list", ErrorKind::TypeError, [](State& s) { return kind_of(s.values[1].dtype()); }},
    {"element", {}, [](State& s) { return kind_of(s.values[1][1]); }},
    {"item", ErrorKind::TypeError, [](State& s) { return kind_of(s.values[1].item(s.values[3])); }},
    {"for_any_thread", {}, [](State& s) { return kind_of(s.values[1].for_any_thread()); }},
    {"for_any_thread of a function", ErrorKind::TypeError,
     [](State& s) { return kind_of(s.values[2].for_any_thread()); }},
};

/// What gives no Expected, and so may throw for want of memory.
const std::pair<const char*, std::function<void(State&)>> kThrowing[] = {
    {"Interpreter", [](State&) { Interpreter(); }},
    {"Value", [](State&) { Value("a text that is longer than a short string"); }},
    {"Value of a vector", [](State&) { Value(std::vector<double>(100)); }},
    {"list", [](State& s) { (void)Value::list(s.values); }},
    {"copy", [](State& s) { (void)s.values[1].copy(); }},
    {"to_string", [](State& s) { (void)s.values[1].to_string(); }},
    {"variables", [](State& s) { (void)s.in.variables(); }},
    {"variables_json", [](State& s) { (void)s.in.variables_json(); }},
    {"check", [](State& s) { (void)s.in.check("y = nowhere"); }},
    {"complete", [](State& s) { (void)s.in.complete("ar", 2); }},
    {"describe", [](State& s) { (void)s.in.describe(); }},
    {"effects", [](State& s) { (void)s.program->effects(); }},
};

template <class Call>
long sweep(const char* name, bool for_ever, const Call& call) {
  for (long at = 1;; at = following(at)) {
    State state;
    allocation_plan() = {at, for_ever, false};
    const bool is_right = call(state);
    const bool has_failed = allocation_plan().has_failed;
    allocation_plan() = {};
    REQUIRE_MESSAGE(is_right, std::string(name) << " at allocation " << at);
    if (!has_failed) return at - 1;
    REQUIRE_MESSAGE(state.in.run("y = f(x) * 2"), std::string(name) << " after allocation " << at);
  }
}

}  // namespace

TEST_CASE("C: memory may end in any call") {
  for (const bool for_ever : {false, true}) {
    long failures = 0;
    for (const CCall& each : kCCalls) failures += sweep(each, for_ever);
    CHECK(failures > 500);
  }
}

TEST_CASE("C++: memory may end in any call that gives an Expected: it throws nothing") {
  for (const bool for_ever : {false, true}) {
    long failures = 0;
    for (const CppCall& each : kExpecting)
      failures += sweep(each.name, for_ever, [&](State& state) {
        try {
          const auto kind = each.call(state);
          return kind == each.kind || kind == ErrorKind::MemoryError;
        } catch (...) {
          return false;
        }
      });
    CHECK(failures > 200);
  }
}

TEST_CASE("C++: the rest throws for want of memory, and nothing else") {
  for (const bool for_ever : {false, true})
    for (const auto& [name, call] : kThrowing)
      sweep(name, for_ever, [&](State& state) {
        try {
          call(state);
          return true;
        } catch (const std::bad_alloc&) {
          return true;
        } catch (const Exception& exception) {
          return exception.error().kind() == ErrorKind::MemoryError;
        } catch (...) {
          return false;
        }
      });
}
