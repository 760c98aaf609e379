// c_api_test.cpp - the C interface: handles, errors, callbacks, and DLPack in both directions.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "inlay/inlay.h"
#include "interpreter/api/dlpack_abi.h"

namespace {

using InterpreterPtr = std::unique_ptr<inlay_interpreter, decltype(&inlay_free)>;
using ValuePtr = std::unique_ptr<inlay_value, decltype(&inlay_value_free)>;
using ErrorPtr = std::unique_ptr<inlay_error, decltype(&inlay_error_free)>;

InterpreterPtr make(const inlay_options* options = nullptr) {
  inlay_interpreter* out = nullptr;
  REQUIRE(inlay_new(options, &out, nullptr) == INLAY_OK);
  return {out, inlay_free};
}

ValuePtr own(inlay_value* value) { return {value, inlay_value_free}; }

ValuePtr eval(const InterpreterPtr& in, const char* source) {
  inlay_value* out = nullptr;
  inlay_error* error = nullptr;
  const int kind = inlay_eval(in.get(), source, nullptr, &out, &error);
  REQUIRE_MESSAGE(kind == INLAY_OK, inlay_error_report(error));
  return own(out);
}

std::string text(const ValuePtr& value) {
  char* const repr = inlay_value_repr(value.get());
  std::string out = repr;
  inlay_text_free(repr);
  return out;
}

/// What a run ends with: "" or "Kind: message".
std::string failure(const InterpreterPtr& in, const char* source) {
  inlay_error* error = nullptr;
  if (inlay_run(in.get(), source, nullptr, nullptr, &error) == INLAY_OK) return "";
  const ErrorPtr owned(error, inlay_error_free);
  return std::string(inlay_error_kind_name(error)) + ": " + inlay_error_message(error);
}

/// A tensor of the host's over `data`, marked as `flags` say.
struct Lent {
  explicit Lent(std::vector<double> elements)
      : data(std::move(elements)), shape{static_cast<std::int64_t>(data.size())} {
    managed.version = {1, 0};
    managed.manager_ctx = this;
    managed.deleter = [](DLManagedTensorVersioned* self) { ++static_cast<Lent*>(self->manager_ctx)->deleted; };
    managed.dl_tensor = {data.data(), {1, 0}, 1, {2, 64, 1}, shape, nullptr, 0};
  }
  std::vector<double> data;
  std::int64_t shape[1];
  DLManagedTensorVersioned managed{};
  int deleted = 0;
};

ValuePtr take(Lent& lent, int write = 0) {
  inlay_value* out = nullptr;
  REQUIRE(inlay_from_dlpack(&lent.managed, write, &out, nullptr) == INLAY_OK);
  return own(out);
}

std::string refusal(Lent& lent, int write = 0) {
  inlay_value* out = nullptr;
  inlay_error* error = nullptr;
  REQUIRE(inlay_from_dlpack(&lent.managed, write, &out, &error) == INLAY_VALUE_ERROR);
  const ErrorPtr owned(error, inlay_error_free);
  CHECK(lent.deleted == 0);
  return inlay_error_message(error);
}

}  // namespace

TEST_CASE("C: values go in and out") {
  const auto in = make();
  REQUIRE(inlay_bind(in.get(), "n", own(inlay_int(3)).get(), nullptr) == INLAY_OK);
  REQUIRE(inlay_bind(in.get(), "s", own(inlay_string("a")).get(), nullptr) == INLAY_OK);
  const auto one = own(inlay_float(1.5)), yes = own(inlay_bool(1)), nothing = own(inlay_none()),
             z = own(inlay_complex(1, 2));
  const inlay_value* parts[] = {one.get(), yes.get(), nothing.get(), z.get()};
  REQUIRE(inlay_bind(in.get(), "l", own(inlay_list(parts, 4)).get(), nullptr) == INLAY_OK);
  REQUIRE(inlay_bind(in.get(), "t", own(inlay_tuple(parts, 2)).get(), nullptr) == INLAY_OK);
  CHECK(text(eval(in, "n + 1, s, l, t")) == "(4, 'a', [1.5, True, None, (1+2j)], (1.5, True))");
  const auto result = eval(in, "{'k': [1, 2.5, True, 1j]}");
  CHECK(inlay_value_kind(result.get()) == INLAY_DICT);
  inlay_value *item = nullptr, *element = nullptr;
  REQUIRE(inlay_value_item(result.get(), own(inlay_string("k")).get(), &item, nullptr) == INLAY_OK);
  const auto list = own(item);
  CHECK(inlay_value_size(item) == 4);
  int64_t integer = 0;
  double real = 0, imaginary = 0;
  int flag = 0;
  REQUIRE(inlay_value_at(item, 0, &element, nullptr) == INLAY_OK);
  CHECK(inlay_value_int(own(element).get(), &integer, nullptr) == INLAY_OK);
  REQUIRE(inlay_value_at(item, 1, &element, nullptr) == INLAY_OK);
  CHECK(inlay_value_float(own(element).get(), &real, nullptr) == INLAY_OK);
  CHECK(real == 2.5);
  REQUIRE(inlay_value_at(item, 2, &element, nullptr) == INLAY_OK);
  CHECK(inlay_value_bool(own(element).get(), &flag, nullptr) == INLAY_OK);
  REQUIRE(inlay_value_at(item, 3, &element, nullptr) == INLAY_OK);
  CHECK(inlay_value_complex(own(element).get(), &real, &imaginary, nullptr) == INLAY_OK);
  CHECK(integer == 1);
  CHECK(flag == 1);
  CHECK(imaginary == 1);
  CHECK(inlay_value_at(item, 9, &element, nullptr) == INLAY_INDEX_ERROR);
  CHECK(inlay_value_int(result.get(), &integer, nullptr) == INLAY_TYPE_ERROR);
}

TEST_CASE("C: arrays are borrowed, written and released") {
  const auto in = make();
  float data[6] = {1, 2, 3, 4, 5, 6};
  const int64_t shape[] = {2, 3};
  int released = 0;
  inlay_array array = INLAY_ARRAY_INIT;
  array.data = data;
  array.dtype = INLAY_FLOAT32;
  array.rank = 2;
  array.shape = shape;
  array.access = INLAY_WRITE;
  array.release = [](void* user) { ++*static_cast<int*>(user); };
  array.user = &released;
  inlay_value* value = nullptr;
  REQUIRE(inlay_tensor(&array, &value, nullptr) == INLAY_OK);
  REQUIRE(inlay_bind(in.get(), "x", value, nullptr) == INLAY_OK);
  inlay_value_free(value);
  CHECK(failure(in, "x[x > 4] = 0") == "");
  CHECK(data[5] == 0);
  inlay_tensor_view view = INLAY_TENSOR_VIEW_INIT;
  const auto x = eval(in, "x");
  REQUIRE(inlay_value_view(x.get(), &view, nullptr) == INLAY_OK);
  CHECK(view.data == data);
  CHECK(view.dtype == INLAY_FLOAT32);
  CHECK(view.rank == 2);
  CHECK(view.shape[1] == 3);
  CHECK(view.size == 6);
  CHECK(failure(in, "x = 0") == "");
  CHECK(released == 0);
  array.rank = 65;
  CHECK(inlay_tensor(&array, &value, nullptr) == INLAY_VALUE_ERROR);
  array.rank = 2;
  array.dtype = 99;
  CHECK(inlay_tensor(&array, &value, nullptr) == INLAY_VALUE_ERROR);
  array.struct_size = 0;
  CHECK(inlay_tensor(&array, &value, nullptr) == INLAY_VALUE_ERROR);
  array = INLAY_ARRAY_INIT;
  array.rank = 1;
  CHECK(inlay_tensor(&array, &value, nullptr) == INLAY_VALUE_ERROR);
  array.shape = shape;
  array.access = 7;
  CHECK(inlay_tensor(&array, &value, nullptr) == INLAY_VALUE_ERROR);
  CHECK(std::string(inlay_dtype_name(INLAY_BFLOAT16)) == "bfloat16");
  CHECK(inlay_dtype_size(INLAY_COMPLEX128) == 16);
  CHECK(inlay_dtype_name(99) == nullptr);
}

TEST_CASE("C: errors say what, where and with what") {
  const auto in = make();
  inlay_error* error = nullptr;
  REQUIRE(inlay_run(in.get(), "def f(x):\n    return x + ones(4)\n\nf(arange(3))", "a.inlay", nullptr, &error) ==
          INLAY_VALUE_ERROR);
  const ErrorPtr owned(error, inlay_error_free);
  CHECK(inlay_error_get_kind(error) == INLAY_VALUE_ERROR);
  CHECK(std::strstr(inlay_error_report(error), "^^^^") != nullptr);
  inlay_place place = INLAY_PLACE_INIT;
  inlay_error_place(error, &place);
  CHECK(std::string(place.source) == "a.inlay");
  CHECK(place.line == 2);
  CHECK(place.column == 12);
  REQUIRE(inlay_error_call_count(error) == 1);
  CHECK(std::string(inlay_error_call(error, 0, &place)) == "f");
  CHECK(place.line == 4);
  CHECK(inlay_error_call(error, 1, nullptr) == nullptr);
  REQUIRE(inlay_error_operand_count(error) == 2);
  int rank = 0;
  const int64_t* shape = nullptr;
  CHECK(std::string(inlay_error_operand(error, 1, &rank, &shape)) == "float64");
  CHECK(rank == 1);
  CHECK(shape[0] == 4);
  CHECK(inlay_error_operand(error, 2, &rank, &shape) == nullptr);
}

TEST_CASE("C: functions of the host") {
  const auto in = make();
  int released = 0;
  const auto count = [](void*, const inlay_value* const*, size_t size, inlay_value** result, inlay_error**) -> int {
    *result = inlay_int(static_cast<int64_t>(size));
    return INLAY_OK;
  };
  const auto release = [](void* user) { ++*static_cast<int*>(user); };
  REQUIRE(inlay_define(in.get(), "count", -1, count, &released, release, nullptr) == INLAY_OK);
  CHECK(text(eval(in, "count(1, 2)")) == "2");
  const auto refuse = [](void*, const inlay_value* const*, size_t, inlay_value**, inlay_error** error) -> int {
    *error = inlay_error_new(INLAY_KEY_ERROR, "no such pixel");
    return INLAY_KEY_ERROR;
  };
  REQUIRE(inlay_define(in.get(), "refuse(x: float64[n], *, k=1)", 2, refuse, nullptr, nullptr, nullptr) == INLAY_OK);
  CHECK(failure(in, "refuse(ones(2), k=3)") == "KeyError: no such pixel");
  CHECK(failure(in, "refuse(ones((2, 2)))").starts_with("TypeError: argument 'x' is declared float64[n]"));
  const auto plain = [](void*, const inlay_value* const*, size_t, inlay_value**, inlay_error**) -> int { return 1234; };
  REQUIRE(inlay_define(in.get(), "plain", 0, plain, nullptr, nullptr, nullptr) == INLAY_OK);
  CHECK(failure(in, "plain()") == "RuntimeError: the host's function failed");
  CHECK(inlay_define(in.get(), "1x", 0, count, &released, release, nullptr) == INLAY_VALUE_ERROR);
  CHECK(released == 1);
  CHECK(failure(in, "count = 0") == "");
  CHECK(released == 2);
}

TEST_CASE("C: a function may be released, and the interpreter freed, while it runs") {
  struct Host {
    inlay_interpreter* in = nullptr;
    int released = 0;
    int refusals = 0;
  } host;
  const auto release = [](void* user) {
    auto& at = *static_cast<Host*>(user);
    ++at.released;
    inlay_value* out = nullptr;
    if (at.in == nullptr) return;
    at.refusals += inlay_run(at.in, "x = [i for i in range(9)]", nullptr, nullptr, nullptr) == INLAY_RUNTIME_ERROR;
    at.refusals += inlay_get(at.in, "kept", &out, nullptr) == INLAY_RUNTIME_ERROR;
    inlay_value_free(out);
  };
  const auto rebind = [](void* user, const inlay_value* const*, size_t, inlay_value** result,
                         inlay_error** error) -> int {
    auto& at = *static_cast<Host*>(user);
    *result = inlay_int(5);
    return inlay_run(at.in, "f = 0", nullptr, nullptr, error);
  };
  const auto leave = [](void* user, const inlay_value* const*, size_t, inlay_value** result, inlay_error**) -> int {
    auto& at = *static_cast<Host*>(user);
    inlay_free(std::exchange(at.in, nullptr));
    *result = inlay_int(5);
    return INLAY_OK;
  };
  REQUIRE(inlay_new(nullptr, &host.in, nullptr) == INLAY_OK);
  REQUIRE(inlay_run(host.in, "kept = 1", nullptr, nullptr, nullptr) == INLAY_OK);
  REQUIRE(inlay_define(host.in, "f", 0, rebind, &host, release, nullptr) == INLAY_OK);
  CHECK(inlay_run(host.in, "y = f() + f", nullptr, nullptr, nullptr) == INLAY_OK);
  CHECK(host.released == 1);
  CHECK(host.refusals == 2);
  REQUIRE(inlay_define(host.in, "f", 0, rebind, &host, release, nullptr) == INLAY_OK);
  inlay_free(host.in);
  CHECK(host.released == 2);
  CHECK(host.refusals == 4);
  for (const char* source :
       {"x = leave()\nwhile True: pass", "l = [2, 1]; l.sort(key=lambda i: leave() if l else 0)\nwhile 1: pass"}) {
    host = {};
    REQUIRE(inlay_new(nullptr, &host.in, nullptr) == INLAY_OK);
    REQUIRE(inlay_define(host.in, "leave", 0, leave, &host, release, nullptr) == INLAY_OK);
    inlay_error* error = nullptr;
    CHECK(inlay_run(host.in, source, nullptr, nullptr, &error) == INLAY_KEYBOARD_INTERRUPT);
    CHECK(std::string(inlay_error_message(error)).empty() == false);
    inlay_error_free(error);
    CHECK(host.released == 1);
  }
}

TEST_CASE("C: callbacks, modules and arguments") {
  struct Seen {
    std::string printed, warned, shown;
  } seen;
  const char* arguments[] = {"script", "-v"};
  inlay_options options = INLAY_OPTIONS_INIT;
  options.user = &seen;
  options.print = [](void* user, const char* text, size_t size) {
    static_cast<Seen*>(user)->printed.append(text, size);
  };
  options.warn = [](void* user, const char* message) { static_cast<Seen*>(user)->warned += message; };
  options.echo = [](void* user, const inlay_value* value) {
    char* const shown = inlay_value_text(value);
    static_cast<Seen*>(user)->shown += shown;
    inlay_text_free(shown);
  };
  options.load_module = [](void*, const char* name) -> const char* {
    return std::strcmp(name, "m") == 0 ? "a = 7\n" : nullptr;
  };
  options.arguments = arguments;
  options.argument_count = 2;
  const auto in = make(&options);
  CHECK(failure(in, "import m\nprint(m.a, argv[1])\narray([1]) // 0") == "");
  CHECK(seen.printed == "7 -v\n");
  CHECK(seen.warned.find("divide by zero") != std::string::npos);
  CHECK(seen.shown == "[0]");
  CHECK(failure(in, "import other").starts_with("ImportError"));
  inlay_interpreter* none = nullptr;
  options.struct_size = 0;
  CHECK(inlay_new(&options, &none, nullptr) == INLAY_VALUE_ERROR);
}

TEST_CASE("C: programs, forks and snapshots") {
  const auto in = make();
  CHECK(failure(in, "x = zeros(3)") == "");
  inlay_program *script = nullptr, *function = nullptr;
  REQUIRE(inlay_prepare(in.get(), "x[0] += 1", nullptr, &script, nullptr) == INLAY_OK);
  const char* parameters[] = {"a", "b"};
  REQUIRE(inlay_prepare_function(in.get(), "a * b", parameters, 2, nullptr, &function, nullptr) == INLAY_OK);
  inlay_ending ending = INLAY_ENDING_INIT;
  REQUIRE(inlay_run_program(in.get(), script, &ending, nullptr) == INLAY_OK);
  CHECK(ending.exited == 0);
  inlay_snapshot* snapshot = nullptr;
  REQUIRE(inlay_take_snapshot(in.get(), &snapshot, nullptr) == INLAY_OK);
  inlay_interpreter* forked = nullptr;
  REQUIRE(inlay_fork(in.get(), nullptr, &forked, nullptr) == INLAY_OK);
  const InterpreterPtr child(forked, inlay_free);
  std::thread([&] { CHECK(inlay_run_program(child.get(), script, nullptr, nullptr) == INLAY_OK); }).join();
  CHECK(text(eval(child, "x[0]")) == text(eval(in, "x[0] + 1")));
  REQUIRE(inlay_run_program(in.get(), script, nullptr, nullptr) == INLAY_OK);
  REQUIRE(inlay_restore(in.get(), snapshot, nullptr) == INLAY_OK);
  CHECK(text(eval(in, "x")) == "array([1., 0., 0.])");
  const auto six = own(inlay_int(6)), seven = own(inlay_int(7));
  const inlay_value* both[] = {six.get(), seven.get()};
  inlay_value* result = nullptr;
  REQUIRE(inlay_call_program(child.get(), function, both, 2, &result, nullptr) == INLAY_OK);
  CHECK(text(own(result)) == "42");
  CHECK(inlay_call_program(child.get(), function, both, 1, &result, nullptr) == INLAY_TYPE_ERROR);
  const auto add = eval(in, "add");
  REQUIRE(inlay_call(in.get(), add.get(), both, 2, &result, nullptr) == INLAY_OK);
  inlay_value_free(result);
  REQUIRE(inlay_run(in.get(), "exit(4)", nullptr, &ending, nullptr) == INLAY_OK);
  CHECK(ending.exited == 1);
  CHECK(ending.code == 4);
  inlay_interrupt(in.get());
  CHECK(failure(in, "for i in range(9):\n    pass\n") == "KeyboardInterrupt: interrupted");
  inlay_program_free(script);
  inlay_program_free(function);
  inlay_snapshot_free(snapshot);
}

TEST_CASE("C: limits, usage and folders") {
  inlay_limits limits;
  inlay_default_limits(&limits, sizeof limits);
  CHECK(limits.depth == 200);
  limits.fuel = 10000;
  limits.memory = 1 << 20;
  inlay_options options = INLAY_OPTIONS_INIT;
  options.limits = &limits;
  const auto in = make(&options);
  CHECK(failure(in, "while True:\n    pass\n").starts_with("LimitExceeded"));
  CHECK(failure(in, "x = zeros(10**9)").starts_with("LimitExceeded"));
  CHECK(failure(in, "x = sum(arange(10))") == "");
  inlay_usage usage = INLAY_USAGE_INIT;
  inlay_get_usage(in.get(), &usage);
  CHECK(usage.fuel > 0);
  CHECK(usage.fuel < 10000);
  CHECK(failure(in, "y = load('/etc/hostname')") != "");
  limits.written = 5000;
  options.files = 1;
  const char* const save = "ones(100).tofile('/dev/null')";
  CHECK(failure(make(&options), save) == "");
  inlay_get_usage(in.get(), &usage);
  CHECK(usage.written == 0);
  CHECK(failure(make(&options), "ones(114).tofile('/dev/null')").starts_with("LimitExceeded: written: 912 bytes"));
  limits.written = 0;
  limits.struct_size = offsetof(inlay_limits, written);  // of a host that was compiled before there was such a limit
  CHECK(failure(make(&options), save) == "");
  limits.struct_size = 0;
  inlay_interpreter* none = nullptr;
  CHECK(inlay_new(&options, &none, nullptr) == INLAY_VALUE_ERROR);
}

TEST_CASE("C: structs of hosts of other versions are filled in as far as they reach") {
  const auto in = make();
  struct Bytes {
    alignas(8) unsigned char at[256];
  };
  // `fill` is given a struct of `size` bytes; what lies behind them, and the size itself, stays as it was.
  const auto check = [](std::size_t whole, const auto& fill) {
    for (const std::size_t size : {std::size_t{0}, sizeof(std::size_t), whole - 8, whole, whole + 8}) {
      Bytes bytes;
      std::memset(&bytes, 0x55, sizeof bytes);
      std::memcpy(&bytes, &size, sizeof size);
      fill(bytes.at, size);
      const std::size_t reach = std::min(std::max(size, sizeof size), whole);
      for (std::size_t at = reach; at < sizeof bytes; ++at)
        REQUIRE_MESSAGE(bytes.at[at] == 0x55, size << " of " << whole);
      bool any_filled = false;
      for (std::size_t at = sizeof size; at < reach; ++at) any_filled = any_filled || bytes.at[at] != 0x55;
      CHECK(any_filled == (size > sizeof size));
    }
  };
  check(sizeof(inlay_usage),
        [&](void* usage, std::size_t) { inlay_get_usage(in.get(), static_cast<inlay_usage*>(usage)); });
  check(sizeof(inlay_ending), [&](void* ending, std::size_t) {
    REQUIRE(inlay_run(in.get(), "1", nullptr, static_cast<inlay_ending*>(ending), nullptr) == INLAY_OK);
  });
  check(sizeof(inlay_limits), [&](void* limits, std::size_t size) {
    inlay_default_limits(static_cast<inlay_limits*>(limits), size);
    CHECK(static_cast<inlay_limits*>(limits)->struct_size == std::min(size, sizeof(inlay_limits)));
  });
  const auto tensor = eval(in, "ones(3)");
  check(sizeof(inlay_tensor_view), [&](void* view, std::size_t) {
    REQUIRE(inlay_value_view(tensor.get(), static_cast<inlay_tensor_view*>(view), nullptr) == INLAY_OK);
  });
  inlay_error* error = nullptr;
  REQUIRE(inlay_run(in.get(), "def f(x):\n    return x + ones(4)\nf(ones(3))", nullptr, nullptr, &error) ==
          INLAY_VALUE_ERROR);
  const ErrorPtr owned(error, inlay_error_free);
  check(sizeof(inlay_place),
        [&](void* place, std::size_t) { inlay_error_place(error, static_cast<inlay_place*>(place)); });
  check(sizeof(inlay_place), [&](void* place, std::size_t) {
    REQUIRE(inlay_error_call(error, 0, static_cast<inlay_place*>(place)) != nullptr);
  });
}

TEST_CASE("C: release is called once, after an error too") {
  const auto in = make();
  int released = 0;
  const auto release = [](void* user) { ++*static_cast<int*>(user); };
  const auto function = [](void*, const inlay_value* const*, std::size_t, inlay_value**, inlay_error**) { return 0; };
  CHECK(inlay_define(in.get(), "not a name", 1, function, &released, release, nullptr) == INLAY_VALUE_ERROR);
  CHECK(released == 1);
  CHECK(inlay_define(in.get(), "f(x, y)", 1, function, &released, release, nullptr) == INLAY_VALUE_ERROR);
  CHECK(released == 2);
  released = 0;
  double data[4] = {1, 2, 3, 4};
  const std::int64_t shape[] = {4}, negative[] = {-4}, odd[] = {9};
  inlay_array good = INLAY_ARRAY_INIT;
  good.data = data;
  good.rank = 1;
  good.shape = shape;
  good.release = release;
  good.user = &released;
  std::vector<inlay_array> wrong(7, good);
  wrong[0].dtype = 99;
  wrong[1].rank = -1;
  wrong[2].shape = nullptr;
  wrong[3].access = 7;
  wrong[4].shape = negative;
  wrong[5].data = nullptr;
  wrong[6].strides = odd;
  inlay_value* value = nullptr;
  for (const inlay_array& each : wrong) {
    released = 0;
    CHECK(inlay_tensor(&each, &value, nullptr) == INLAY_VALUE_ERROR);
    CHECK(released == 1);
  }
  released = 0;
  REQUIRE(inlay_tensor(&good, &value, nullptr) == INLAY_OK);
  CHECK(released == 0);
  inlay_value_free(value);
  CHECK(released == 1);
  good.access = INLAY_COPY;
  REQUIRE(inlay_tensor(&good, &value, nullptr) == INLAY_OK);
  CHECK(released == 2);
  inlay_value_free(value);
  CHECK(released == 2);
}

TEST_CASE("C: functions stay with their interpreter") {
  const auto a = make(), b = make();
  REQUIRE(failure(a, "def f(x): return x") == "");
  const auto f = eval(a, "f"), text = eval(a, "['t', 1]");
  const inlay_value* arguments[] = {text.get()};
  inlay_value* out = nullptr;
  CHECK(inlay_call(b.get(), f.get(), arguments, 1, &out, nullptr) == INLAY_TYPE_ERROR);
  CHECK(inlay_bind(b.get(), "f", f.get(), nullptr) == INLAY_TYPE_ERROR);
  CHECK(inlay_bind(b.get(), "t", text.get(), nullptr) == INLAY_OK);
  CHECK(inlay_value_for_any_thread(f.get(), &out, nullptr) == INLAY_TYPE_ERROR);
  REQUIRE(inlay_value_for_any_thread(text.get(), &out, nullptr) == INLAY_OK);
  CHECK(::text(own(out)) == "['t', 1]");
}

TEST_CASE("C: entropy, and options of an older version") {
  std::uint64_t bits = 3;
  inlay_options options = INLAY_OPTIONS_INIT;
  options.user = &bits;
  options.entropy = [](void* user) { return (*static_cast<std::uint64_t*>(user))++; };
  const auto lent = make(&options);
  const std::string first = text(eval(lent, "random.rand()"));
  CHECK(bits == 4);
  CHECK(text(eval(make(&options), "random.rand()")) != first);
  options.struct_size = offsetof(inlay_options, entropy);
  CHECK(text(eval(make(&options), "random.rand()")) == text(eval(make(), "random.rand()")));
  CHECK(bits == 5);
}

TEST_CASE("C: tools") {
  const auto in = make();
  CHECK(failure(in, "my_value = 1") == "");
  std::string seen;
  const auto visit = [](void* user, const char* name) { *static_cast<std::string*>(user) += name; };
  CHECK(inlay_variables(in.get(), visit, &seen) == INLAY_OK);
  CHECK(inlay_complete(in.get(), "my_valu", 7, visit, &seen) == INLAY_OK);
  CHECK(inlay_check(
            in.get(), "y = nowhere", nullptr,
            [](void* user, const inlay_error* error) {
              *static_cast<std::string*>(user) += inlay_error_kind_name(error);
            },
            &seen) == INLAY_OK);
  CHECK(seen == "my_valuemy_valueNameError");
  char* out = nullptr;
  REQUIRE(inlay_lower(in.get(), "x = 1", INLAY_STAGE_AST, nullptr, &out, nullptr) == INLAY_OK);
  CHECK(std::string(out).starts_with("(assign"));
  inlay_text_free(out);
  REQUIRE(inlay_explain(in.get(), "x = ones(3)", nullptr, &out, nullptr) == INLAY_OK);
  CHECK(std::string(out).find("x = ones(3)") != std::string::npos);
  inlay_text_free(out);
  out = inlay_variables_json(in.get());
  CHECK(std::string(out).starts_with("{\"my_value\": {\"py\": 1}}"));
  inlay_text_free(out);
  CHECK(inlay_is_complete("if x:\n") == 0);
  CHECK(inlay_is_complete("x = 1\n") == 1);
  CHECK(inlay_abi_version() == INLAY_ABI_VERSION);
  CHECK(std::string(inlay_version()).find('.') == 1);
}

TEST_CASE("C: after an error, what a pointer leads to is as it was; so is the error's without one") {
  const auto in = make();
  const auto kept = own(inlay_int(7));
  inlay_value* value = kept.get();
  CHECK(inlay_get(in.get(), "nowhere", &value, nullptr) == INLAY_NAME_ERROR);
  CHECK(inlay_eval(in.get(), "1 / 0", nullptr, &value, nullptr) == INLAY_ZERO_DIVISION_ERROR);
  CHECK(inlay_call(in.get(), kept.get(), nullptr, 0, &value, nullptr) == INLAY_TYPE_ERROR);
  CHECK(value == kept.get());
  inlay_program* program = nullptr;
  CHECK(inlay_prepare(in.get(), "x +", nullptr, &program, nullptr) == INLAY_SYNTAX_ERROR);
  CHECK(program == nullptr);
  char* report = nullptr;
  CHECK(inlay_lower(in.get(), "x +", INLAY_STAGE_IR, nullptr, &report, nullptr) == INLAY_SYNTAX_ERROR);
  CHECK(report == nullptr);
  CHECK(inlay_explain(in.get(), "y = 1\nz = 1 / 0", nullptr, &report, nullptr) == INLAY_ZERO_DIVISION_ERROR);
  CHECK(std::string(report).find("y = 1") != std::string::npos);
  inlay_text_free(report);
  inlay_error* error = inlay_error_new(INLAY_KEY_ERROR, "kept");
  const ErrorPtr owned(error, inlay_error_free);
  CHECK(inlay_run(in.get(), "y = 2", nullptr, nullptr, &error) == INLAY_OK);
  CHECK(error == owned.get());
}

TEST_CASE("DLPack in: borrowed, read-only unless said otherwise") {
  const auto in = make();
  Lent lent({1, 2, 3});
  REQUIRE(inlay_bind(in.get(), "x", take(lent).get(), nullptr) == INLAY_OK);
  inlay_tensor_view view = INLAY_TENSOR_VIEW_INIT;
  {
    const auto x = eval(in, "x");
    REQUIRE(inlay_value_view(x.get(), &view, nullptr) == INLAY_OK);
    CHECK(view.data == lent.data.data());
  }
  CHECK(lent.deleted == 0);
  CHECK(failure(in, "x[0] = 9") == "");
  CHECK(lent.data[0] == 1);
  CHECK(lent.deleted == 1);
  Lent writable({1, 2, 3});
  REQUIRE(inlay_bind(in.get(), "y", take(writable, 1).get(), nullptr) == INLAY_OK);
  CHECK(failure(in, "y[0] = 9") == "");
  CHECK(writable.data[0] == 9);
  Lent copied({1, 2});
  copied.managed.flags = 2;
  REQUIRE(inlay_bind(in.get(), "z", take(copied).get(), nullptr) == INLAY_OK);
  CHECK(failure(in, "z[0] = 9") == "");
  CHECK(copied.data[0] == 9);
  Lent silent({4});
  silent.managed.deleter = nullptr;
  CHECK(text(take(silent)) == "array([4.])");
}

TEST_CASE("DLPack in: strides of any sign, offsets, 0-d and empty tensors") {
  Lent lent({1, 2, 3, 4});
  std::int64_t shape[] = {2}, strides[] = {-2};
  lent.managed.dl_tensor.shape = shape;
  lent.managed.dl_tensor.strides = strides;
  lent.managed.dl_tensor.byte_offset = 24;
  CHECK(text(take(lent)) == "array([4., 2.])");
  lent.managed.dl_tensor.ndim = 0;
  lent.managed.dl_tensor.shape = nullptr;
  CHECK(text(take(lent)) == "4.0");
  Lent none({});
  none.managed.dl_tensor.data = nullptr;
  CHECK(text(take(none)) == "array([], dtype=float64)");
  DLManagedTensor old{};
  old.dl_tensor = Lent({}).managed.dl_tensor;
  std::int64_t size[] = {2};
  std::int32_t data[] = {7, 8};
  old.dl_tensor = {data, {1, 0}, 1, {0, 32, 1}, size, nullptr, 0};
  inlay_value* value = nullptr;
  REQUIRE(inlay_from_dlpack_unversioned(&old, 0, &value, nullptr) == INLAY_OK);
  CHECK(text(own(value)) == "array([7, 8], dtype=int32)");
}

TEST_CASE("DLPack in: what does not fit is refused, and stays the caller's") {
  Lent lent({1, 2, 3});
  DLTensor& tensor = lent.managed.dl_tensor;
  const auto with = [&](auto& member, auto value) {
    const auto before = std::exchange(member, value);
    const std::string message = refusal(lent);
    member = before;
    return message;
  };
  CHECK(with(lent.managed.version.major, 2U) == "DLPack: version 2.0; 1.x is understood");
  CHECK(with(tensor.device.device_type, 2) == "DLPack: device type 2 is not host memory");
  CHECK(with(tensor.dtype.lanes, std::uint16_t{4}) == "DLPack: no dtype here has code 2, 64 bits and 4 lanes");
  CHECK(with(tensor.dtype.bits, std::uint8_t{8}) == "DLPack: no dtype here has code 2, 8 bits and 1 lanes");
  CHECK(with(tensor.ndim, 65) == "DLPack: 65 axes; there may be 64");
  CHECK(with(tensor.ndim, -1) == "DLPack: -1 axes; there may be 64");
  CHECK(with(tensor.shape, static_cast<std::int64_t*>(nullptr)) == "DLPack: no shape");
  CHECK(with(tensor.data, static_cast<void*>(nullptr)) == "no memory for an array of shape (3,)");
  CHECK(with(lent.shape[0], std::int64_t{-1}) == "negative dimensions are not allowed");
  CHECK(with(lent.shape[0], std::numeric_limits<std::int64_t>::min()) == "negative dimensions are not allowed");
  CHECK(with(tensor.byte_offset, std::uint64_t{3}) == "the memory is not aligned for float64");
  std::int64_t strides[] = {std::int64_t{1} << 62};
  CHECK(with(tensor.strides, static_cast<std::int64_t*>(strides)) ==
        "DLPack: stride 4611686018427387904 of axis 0 is out of range");
  for (const std::int64_t stride : {std::int64_t{1} << 59, -(std::int64_t{1} << 59)}) {  // beyond, and the least number
    strides[0] = stride;
    CHECK(with(tensor.strides, static_cast<std::int64_t*>(strides)).ends_with("of axis 0 is out of range"));
  }
  std::int64_t sizes[] = {3, 3}, far[] = {std::int64_t{1} << 58, -(std::int64_t{1} << 58)};
  lent.managed.dl_tensor.shape = sizes;
  lent.managed.dl_tensor.strides = far;
  CHECK(with(tensor.ndim, 2) == "DLPack: stride -288230376151711744 of axis 1 is out of range");
  lent.managed.dl_tensor.shape = lent.shape;
  lent.managed.dl_tensor.strides = nullptr;
  CHECK(with(lent.shape[0], std::int64_t{1} << 60).starts_with("array is too big"));
  strides[0] = -(std::int64_t{1} << 58);  // to before the first address
  CHECK(with(tensor.strides, static_cast<std::int64_t*>(strides)).starts_with("array is too big"));
  lent.managed.flags = 1;
  CHECK(refusal(lent, 1) == "DLPack: the tensor is read-only");
}

TEST_CASE("DLPack in: a copy of its own may be written to, unless it is read-only; nothing need be called at the end") {
  const auto in = make();
  for (const std::uint64_t flags : {2, 3}) {
    Lent lent({1, 2, 3});
    lent.managed.flags = flags;
    lent.managed.deleter = nullptr;
    REQUIRE(inlay_bind(in.get(), "x", take(lent).get(), nullptr) == INLAY_OK);
    CHECK(failure(in, "x[0] = 9") == "");
    CHECK(text(eval(in, "x")) == "array([9., 2., 3.])");
    CHECK(lent.data[0] == (flags == 2 ? 9 : 1));
  }
}

TEST_CASE("DLPack: an empty tensor's strides say nothing, and it comes back") {
  const auto in = make();
  const auto x = eval(in, "zeros((2**59, 0, 2))");
  DLManagedTensorVersioned* lent = nullptr;
  REQUIRE(inlay_to_dlpack(x.get(), 0, &lent, nullptr) == INLAY_OK);
  inlay_value* back = nullptr;
  REQUIRE(inlay_from_dlpack(lent, 0, &back, nullptr) == INLAY_OK);
  CHECK(text(own(back)) == text(x));
}

TEST_CASE("DLPack out: lent read-only, or copied") {
  const auto in = make();
  const auto x = eval(in, "arange(6, dtype=int16).reshape(2, 3).T");
  DLManagedTensorVersioned* lent = nullptr;
  REQUIRE(inlay_to_dlpack(x.get(), 0, &lent, nullptr) == INLAY_OK);
  CHECK(lent->version.major == 1);
  CHECK(lent->flags == 1);
  CHECK(lent->dl_tensor.ndim == 2);
  CHECK(lent->dl_tensor.shape[0] == 3);
  CHECK(lent->dl_tensor.strides[0] == 1);
  CHECK(lent->dl_tensor.strides[1] == 3);
  CHECK(lent->dl_tensor.dtype.code == 0);
  CHECK(lent->dl_tensor.dtype.bits == 16);
  CHECK(static_cast<std::int16_t*>(lent->dl_tensor.data)[5] == 5);
  std::thread([&] { lent->deleter(lent); }).join();
  REQUIRE(inlay_to_dlpack(x.get(), 1, &lent, nullptr) == INLAY_OK);
  CHECK(lent->flags == 2);
  static_cast<std::int16_t*>(lent->dl_tensor.data)[0] = 99;
  lent->deleter(lent);
  CHECK(text(x).find("99") == std::string::npos);
  DLManagedTensor* old = nullptr;
  REQUIRE(inlay_to_dlpack_unversioned(x.get(), &old, nullptr) == INLAY_OK);
  CHECK(old->dl_tensor.ndim == 2);
  old->deleter(old);
  CHECK(inlay_to_dlpack(own(inlay_int(1)).get(), 0, &lent, nullptr) == INLAY_TYPE_ERROR);
  const auto real = eval(in, "(arange(3) * 1j).real");
  REQUIRE(inlay_to_dlpack(real.get(), 0, &lent, nullptr) == INLAY_OK);
  CHECK(lent->dl_tensor.shape[0] == 3);
  lent->deleter(lent);
}
