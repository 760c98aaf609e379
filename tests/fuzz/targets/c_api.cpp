// c_api.cpp - any sequence of calls of the C interface, over a few handles of each kind that are made, used in every
// order, and freed while others that came from them live on. Knows <inlay/inlay.h> alone, and keeps its rules: one
// thread, text that ends, no handle after it was freed.
// Invariant: no call aborts or ends in an internal error; a call that fails gives nothing but its error; every handle
// is freed in the end, so that what is left over is a leak.
#include <cstddef>
#include <string>

#include "inlay/inlay.h"
#include "tests/fuzz/targets/choices.h"
#include "tests/fuzz/targets/limited.h"

using inlay::fuzz::Choices;

namespace {

constexpr const char* kSources[] = {
    "x = arange(6.0).reshape(2, 3)",
    "x[x > 1] = v",
    "def f(a, b=1):\n    return a + b\n",
    "rng = random.default_rng(1)\nx = rng.random((2, 2))",
    "y = [x, {'k': v}, (1, 'text')]",
    "del x",
    "x = host(v, 2)",
    "import other\nv = other.w",
    "while True:\n    v = v + 1",
    "x = 1 +",
    "exit(3)",
    "print(v, x)",
    "v = lambda a: host(a)",
    "x = zeros(10**9)",
    "v = grad(lambda a: sum(a ** 2))(x)",
    "x, v = v, x",
};
constexpr const char* kExpressions[] = {"x",   "v",        "x + v",  "f(v)", "v(x)", "[x, v]", "{'k': x}",
                                        "rng", "range(3)", "'text'", "x[5]", "host", "1j",     "x.T[0]"};
constexpr const char* kNames[] = {"x", "v", "f", "rng", "not a name", "", "print", "y"};

void take_text(void*, const char*, std::size_t) {}
void take_word(void*, const char*) {}
void take_value(void*, const inlay_value* value) { inlay_text_free(inlay_value_repr(value)); }
void take_error(void*, const inlay_error* error) { INLAY_CHECK(inlay_error_get_kind(error) != INLAY_OK); }
const char* load_module(void*, const char* name) { return std::string_view(name) == "other" ? "w = 7\n" : nullptr; }
void count_release(void* user) { ++*static_cast<int*>(user); }

int host_function(void*, const inlay_value* const* arguments, std::size_t count, inlay_value** result,
                  inlay_error** error) {
  if (count == 2) {
    *error = inlay_error_new(INLAY_VALUE_ERROR, "two are too many");
    return INLAY_VALUE_ERROR;
  }
  *result = count == 0 ? nullptr : inlay_value_share(arguments[0]);
  return INLAY_OK;
}

/// A few handles of one kind, some of them null.
template <class Handle, void (*release)(Handle*)>
class Shelf {
 public:
  ~Shelf() {
    for (Handle*& each : handles_) release(each);
  }
  Shelf() = default;
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;
  /// One of them, or null.
  Handle* any(Choices& choices) { return handles_[choices.below(kCount)]; }
  /// Puts one in the place of another, which is freed.
  void put(Choices& choices, Handle* handle) {
    Handle*& place = handles_[choices.below(kCount)];
    release(place);
    place = handle;
  }

 private:
  static constexpr std::size_t kCount = 4;
  Handle* handles_[kCount] = {};
};

class Host {
 public:
  explicit Host(Choices& choices) : choices_(choices) {}

  void run() {
    make_interpreter();
    for (int calls = 0; calls < kMostCalls && !choices_.empty(); ++calls) step();
  }

 private:
  static constexpr int kMostCalls = 64;
  using Step = void (Host::*)();

  void step() {
    constexpr Step kSteps[] = {&Host::run_text,   &Host::evaluate,   &Host::bind,        &Host::get,
                               &Host::make_plain, &Host::make_array, &Host::make_many,   &Host::read,
                               &Host::call,       &Host::prepare,    &Host::run_program, &Host::call_program,
                               &Host::fork,       &Host::snapshot,   &Host::restore,     &Host::define,
                               &Host::inspect,    &Host::lend,       &Host::drop,        &Host::make_interpreter,
                               &Host::interrupt};
    (this->*choices_.one_of(kSteps))();
  }

  /// A failure has given an error, and nothing else.
  void settle(int kind, inlay_error* error, bool is_given) {
    INLAY_CHECK(kind != INLAY_INTERNAL_ERROR);
    INLAY_CHECK((kind == INLAY_OK) == (error == nullptr));
    if (kind != INLAY_OK) INLAY_CHECK(!is_given);
    if (error == nullptr) return;
    INLAY_CHECK(inlay_error_get_kind(error) == kind && inlay_error_report(error) != nullptr);
    inlay_place place = INLAY_PLACE_INIT;
    inlay_error_place(error, &place);
    for (std::size_t at = 0; at <= inlay_error_call_count(error); ++at) (void)inlay_error_call(error, at, &place);
    int rank = 0;
    const std::int64_t* shape = nullptr;
    for (std::size_t at = 0; at <= inlay_error_operand_count(error); ++at)
      (void)inlay_error_operand(error, at, &rank, &shape);
    inlay_error_free(error);
  }
  /// A call that gives a value.
  template <class Give>
  void give(const Give& give) {
    inlay_value* value = nullptr;
    inlay_error* error = nullptr;
    const int kind = give(&value, &error);
    settle(kind, error, value != nullptr);
    values_.put(choices_, value);
  }
  template <class Do>
  void perform(const Do& act) {
    inlay_error* error = nullptr;
    const int kind = act(&error);
    settle(kind, error, false);
  }
  inlay_interpreter* interpreter() { return interpreters_.any(choices_); }

  void make_interpreter() {
    inlay_limits limits;
    inlay_default_limits(&limits, sizeof limits);
    limits.fuel = 100'000;
    limits.memory = std::uint64_t{4} << 20;
    limits.depth = 40;
    inlay_options options = INLAY_OPTIONS_INIT;
    options.print = take_text;
    options.echo = choices_.coin() ? take_value : nullptr;
    options.load_module = load_module;
    options.threads = static_cast<int>(choices_.below(3));
    options.no_fuse = choices_.coin() ? 1 : 0;
    options.limits = &limits;
    if (choices_.below(8) == 7) options.struct_size = choices_.byte();
    inlay_interpreter* made = nullptr;
    inlay_error* error = nullptr;
    const int kind = inlay_new(&options, &made, &error);
    settle(kind, error, made != nullptr);
    // Options cut off in front of their limits have the default ones, with which a loop runs for long.
    if (options.struct_size < offsetof(inlay_options, limits) + sizeof options.limits)
      inlay_free(made);
    else
      interpreters_.put(choices_, made);
  }
  void run_text() {
    inlay_ending ending = INLAY_ENDING_INIT;
    if (auto* in = interpreter())
      perform([&](inlay_error** error) { return inlay_run(in, choices_.one_of(kSources), nullptr, &ending, error); });
  }
  void evaluate() {
    if (auto* in = interpreter())
      give([&](inlay_value** value, inlay_error** error) {
        return inlay_eval(in, choices_.one_of(kExpressions), "typed", value, error);
      });
  }
  void bind() {
    auto* const in = interpreter();
    auto* const value = values_.any(choices_);
    if (in != nullptr && value != nullptr)
      perform([&](inlay_error** error) { return inlay_bind(in, choices_.one_of(kNames), value, error); });
  }
  void get() {
    if (auto* in = interpreter())
      give([&](inlay_value** value, inlay_error** error) {
        return inlay_get(in, choices_.one_of(kNames), value, error);
      });
  }
  void make_plain() {
    switch (choices_.below(7)) {
      case 0:
        return values_.put(choices_, inlay_none());
      case 1:
        return values_.put(choices_, inlay_bool(choices_.byte()));
      case 2:
        return values_.put(choices_, inlay_int(choices_.number()));
      case 3:
        return values_.put(choices_, inlay_float(static_cast<double>(choices_.number()) / 3));
      case 4:
        return values_.put(choices_, inlay_complex(1, static_cast<double>(choices_.number())));
      case 5:
        return values_.put(choices_, inlay_string(choices_.one_of(kSources)));
      default:
        auto* const value = values_.any(choices_);
        return values_.put(choices_, value == nullptr ? nullptr : inlay_value_share(value));
    }
  }
  void make_array() {
    const std::int64_t shape[] = {static_cast<std::int64_t>(choices_.below(3)),
                                  static_cast<std::int64_t>(choices_.below(4))};
    inlay_array array = INLAY_ARRAY_INIT;
    array.data = memory_;
    array.dtype = static_cast<int>(choices_.below(17)) - 1;
    array.rank = static_cast<int>(choices_.below(3));
    array.shape = shape;
    array.access = static_cast<int>(choices_.below(4));
    array.release = count_release;
    array.user = &releases_;
    give([&](inlay_value** value, inlay_error** error) { return inlay_tensor(&array, value, error); });
  }
  void make_many() {
    const inlay_value* elements[] = {values_.any(choices_), values_.any(choices_)};
    const std::size_t count = elements[0] == nullptr ? 0 : elements[1] == nullptr ? 1 : 2;
    values_.put(choices_, choices_.coin() ? inlay_list(elements, count) : inlay_tuple(elements, count));
  }
  void read() {
    auto* const value = values_.any(choices_);
    if (value == nullptr) return;
    (void)inlay_value_kind(value);
    (void)inlay_value_size(value);
    inlay_text_free(inlay_value_text(value));
    int truth = 0;
    double real = 0, imaginary = 0;
    std::int64_t whole = 0;
    inlay_tensor_view view = INLAY_TENSOR_VIEW_INIT;
    perform([&](inlay_error** error) { return inlay_value_bool(value, &truth, error); });
    perform([&](inlay_error** error) { return inlay_value_int(value, &whole, error); });
    perform([&](inlay_error** error) { return inlay_value_complex(value, &real, &imaginary, error); });
    perform([&](inlay_error** error) { return inlay_value_view(value, &view, error); });
    const std::size_t at = choices_.below(4);
    give([&](inlay_value** out, inlay_error** error) { return inlay_value_at(value, at, out, error); });
  }
  void call() {
    auto* const in = interpreter();
    auto* const function = values_.any(choices_);
    const inlay_value* const argument = values_.any(choices_);
    if (in == nullptr || function == nullptr || argument == nullptr) return;
    const std::size_t count = choices_.below(2);
    give([&](inlay_value** value, inlay_error** error) {
      return inlay_call(in, function, &argument, count, value, error);
    });
  }
  void prepare() {
    auto* const in = interpreter();
    if (in == nullptr) return;
    constexpr const char* kParameters[] = {"x", "v"};
    const bool is_function = choices_.coin();
    const char* const source = choices_.one_of(kSources);
    inlay_program* program = nullptr;
    inlay_error* error = nullptr;
    const int kind = is_function ? inlay_prepare_function(in, source, kParameters, 2, nullptr, &program, &error)
                                 : inlay_prepare(in, source, nullptr, &program, &error);
    settle(kind, error, program != nullptr);
    programs_.put(choices_, program);
  }
  void run_program() {
    auto* const in = interpreter();
    auto* const program = programs_.any(choices_);
    if (in != nullptr && program != nullptr)
      perform([&](inlay_error** error) { return inlay_run_program(in, program, nullptr, error); });
  }
  void call_program() {
    auto* const in = interpreter();
    auto* const program = programs_.any(choices_);
    const inlay_value* const arguments[] = {values_.any(choices_), values_.any(choices_)};
    if (in == nullptr || program == nullptr || arguments[0] == nullptr || arguments[1] == nullptr) return;
    give([&](inlay_value** value, inlay_error** error) {
      return inlay_call_program(in, program, arguments, 2, value, error);
    });
  }
  void fork() {
    auto* const in = interpreter();
    if (in == nullptr) return;
    inlay_interpreter* made = nullptr;
    inlay_error* error = nullptr;
    const int kind = inlay_fork(in, nullptr, &made, &error);
    settle(kind, error, made != nullptr);
    interpreters_.put(choices_, made);
  }
  void snapshot() {
    auto* const in = interpreter();
    if (in == nullptr) return;
    inlay_snapshot* made = nullptr;
    inlay_error* error = nullptr;
    const int kind = inlay_take_snapshot(in, &made, &error);
    settle(kind, error, made != nullptr);
    snapshots_.put(choices_, made);
  }
  void restore() {
    auto* const in = interpreter();
    auto* const snapshot = snapshots_.any(choices_);
    if (in != nullptr && snapshot != nullptr)
      perform([&](inlay_error** error) { return inlay_restore(in, snapshot, error); });
  }
  void define() {
    if (auto* in = interpreter())
      perform([&](inlay_error** error) {
        return inlay_define(in, choices_.coin() ? "host" : choices_.one_of(kNames),
                            static_cast<int>(choices_.below(4)) - 1, host_function, &releases_, count_release, error);
      });
  }
  void inspect() {
    auto* const in = interpreter();
    if (in == nullptr) return;
    const char* const source = choices_.one_of(kSources);
    inlay_check(in, source, nullptr, take_error, nullptr);
    inlay_complete(in, source, choices_.below(std::string_view(source).size() + 1), take_word, nullptr);
    inlay_variables(in, take_word, nullptr);
    inlay_text_free(inlay_variables_json(in));
    char* text = nullptr;
    perform([&](inlay_error** error) { return inlay_lower(in, source, INLAY_STAGE_IR, nullptr, &text, error); });
    inlay_text_free(text);
    inlay_usage usage = INLAY_USAGE_INIT;
    inlay_get_usage(in, &usage);
    INLAY_CHECK(usage.peak <= (std::uint64_t{4} << 20));
  }
  void lend() {
    auto* const value = values_.any(choices_);
    if (value == nullptr) return;
    DLManagedTensorVersioned* lent = nullptr;
    inlay_error* error = nullptr;
    const int kind = inlay_to_dlpack(value, choices_.coin() ? 1 : 0, &lent, &error);
    settle(kind, error, lent != nullptr);
    if (lent != nullptr)
      give([&](inlay_value** out, inlay_error** failed) { return inlay_from_dlpack(lent, 0, out, failed); });
  }
  void drop() {
    if (choices_.coin()) return interpreters_.put(choices_, nullptr);
    values_.put(choices_, nullptr);
    programs_.put(choices_, nullptr);
    snapshots_.put(choices_, nullptr);
  }
  void interrupt() {
    if (auto* in = interpreter()) inlay_interrupt(in);
  }

  Choices& choices_;
  int releases_ = 0;
  alignas(64) unsigned char memory_[256] = {};
  Shelf<inlay_program, inlay_program_free> programs_;
  Shelf<inlay_snapshot, inlay_snapshot_free> snapshots_;
  Shelf<inlay_value, inlay_value_free> values_;
  Shelf<inlay_interpreter, inlay_free> interpreters_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices({data, size});
  Host(choices).run();
  return 0;
}
