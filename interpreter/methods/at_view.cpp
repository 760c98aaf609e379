// at_view.cpp - see at_view.h.
#include "interpreter/methods/at_view.h"

#include <optional>

#include "interpreter/gradients/tracked.h"
#include "interpreter/subscripts/index_items.h"
#include "interpreter/subscripts/index_plan.h"
#include "interpreter/texts/quote.h"
#include "runtime/dtypes/promote.h"

namespace inlay {

namespace {

struct UpdateName {
  std::string_view name;
  UpdateKind kind;
};
constexpr UpdateName kUpdates[] = {
    {"set", UpdateKind::set},      {"add", UpdateKind::add},           {"subtract", UpdateKind::subtract},
    {"sub", UpdateKind::subtract}, {"multiply", UpdateKind::multiply}, {"mul", UpdateKind::multiply},
    {"min", UpdateKind::minimum},  {"max", UpdateKind::maximum},
};

struct ModeName {
  std::string_view name;
  IndexMode mode;
};
constexpr ModeName kModes[] = {
    {"raise", IndexMode::raise}, {"drop", IndexMode::drop}, {"clip", IndexMode::clip}, {"wrap", IndexMode::wrap}};

struct DuplicatesName {
  std::string_view name;
  Duplicates duplicates;
};
constexpr DuplicatesName kDuplicates[] = {
    {"last", Duplicates::last}, {"first", Duplicates::first}, {"error", Duplicates::error}};

IndexMode read_mode(const Value& value) {
  const std::string_view text = string_argument(value, "mode");
  for (const auto& row : kModes)
    if (row.name == text) return row.mode;
  raise(ErrorKind::ValueError, "mode must be 'raise', 'drop', 'clip' or 'wrap', not {}", short_quote(text));
}

Duplicates read_duplicates(const Value& value) {
  const std::string_view text = string_argument(value, "duplicates");
  for (const auto& row : kDuplicates)
    if (row.name == text) return row.duplicates;
  raise(ErrorKind::ValueError, "duplicates must be 'last', 'first' or 'error', not '{}'", text);
}

}  // namespace

Value at_method(Evaluator& evaluator, const AtObject& at, std::string_view name, std::span<const Value> arguments,
                std::span<const std::pair<std::string, Value>> keywords) {
  if (at.index.is_undefined()) raise(ErrorKind::AttributeError, "x.at wants an index first: x.at[index].{}(…)", name);
  IndexMode mode = IndexMode::raise;
  Duplicates duplicates = Duplicates::last;
  Value mode_name = Value::of("raise"), duplicates_name = Value::of("last");
  std::optional<Value> value;
  if (!arguments.empty()) value = arguments[0];
  for (const auto& [key, argument] : keywords) {
    if (key == "mode")
      mode = read_mode(mode_name = argument);
    else if (key == "duplicates")
      duplicates = read_duplicates(duplicates_name = argument);
    else if (key == "values" && !value)
      value = argument;
    else
      raise(ErrorKind::TypeError, "{}() got an unexpected keyword argument '{}'", name, key);
  }
  if (is_tracked(at.tensor) || (value && tracking_level(*value) > 0))
    return call_core(evaluator, "_at",
                     {at.tensor, at.index, value.value_or(Value::none()), Value::of(name), mode_name, duplicates_name});
  const IndexItems items = to_index_items(at.index);
  if (name == "get") return Value::of(index_get(at.tensor.tensor(), items, mode));
  for (const auto& row : kUpdates) {
    if (row.name != name) continue;
    if (!value || arguments.size() > 1) raise(ErrorKind::TypeError, "x.at[…].{}() takes one value", name);
    Tensor result = at.tensor.tensor();
    index_accumulate(result, items, row.kind, stored_operand(*value, result.dtype()), mode, duplicates);
    return Value::of(std::move(result));
  }
  raise(ErrorKind::AttributeError, "x.at[…] has no method '{}'; it has set, add, subtract, multiply, min, max and get",
        name);
}

}  // namespace inlay
