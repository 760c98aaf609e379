// value_text.cpp - str() and repr(): Python's for everything but tensors, NumPy's for those.
// A 0-d tensor is written as its number inside containers too. A dtype is "float32" for str and "dtype('float32')" for
// repr, as NumPy's dtype objects are. Invariant: containers recurse at most kNestingLimit deep.
#include <limits>

#include "interpreter/gradients/tracked.h"
#include "interpreter/machine/evaluator.h"
#include "interpreter/operations/ufunc_methods.h"
#include "interpreter/texts/format_number.h"
#include "interpreter/texts/format_tensor.h"
#include "interpreter/texts/long_text.h"
#include "interpreter/texts/quote.h"
#include "interpreter/values/compare.h"
#include "interpreter/values/tuple_types.h"
#include "runtime/memory/stack.h"

namespace inlay {
namespace {

/// An integer beyond 64 bits, exactly where it is not saturated.
std::string wide_text(int128 value) {
  const bool is_negative = value < 0;
  int128 rest = is_negative ? -value : value;
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest > 0);
  return is_negative ? '-' + digits : digits;
}

class Writer {
 public:
  explicit Writer(std::size_t limit = std::numeric_limits<std::size_t>::max()) : limit_(limit) {}

  void repr(const Value& value) {
    if (is_tracked(value)) return repr(primal_of(value));
    using Tag = Value::Tag;
    switch (value.tag()) {
      case Tag::undefined:
        out += "<unbound>";
        return;
      case Tag::none:
        out += "None";
        return;
      case Tag::boolean:
        out += value.boolean() ? "True" : "False";
        return;
      case Tag::integer:
        fmt::format_to(std::back_inserter(out), "{}", value.integer());
        return;
      case Tag::floating:
        out += inlay::repr(value.floating());
        return;
      case Tag::ellipsis:
        out += "Ellipsis";
        return;
      case Tag::dtype:
        out += fmt::format("dtype('{}')", name(value.dtype()));
        return;
      case Tag::type:
        out += type_text(value.type());
        return;
      case Tag::scalar:
        out += to_string(value.tensor());
        return;
      case Tag::tensor:
        out += value.tensor_rank() == 0 ? to_string(value.tensor()) : inlay::repr(value.tensor());
        return;
      default:
        object(value);
    }
  }
  std::string out;

 private:
  static bool is_numpy_type(TypeId type) {
    return type == TypeId::tensor || type == TypeId::dtype || type >= TypeId::generic;
  }
  static std::string type_text(TypeId type) {
    return fmt::format("<class '{}{}'>", is_numpy_type(type) ? "numpy." : "", type_name(type));
  }

  void object(const Value& value) {
    using Tag = Value::Tag;
    switch (value.tag()) {
      case Tag::complex:
        out += inlay::repr(value.object<ComplexObject>().value);
        return;
      case Tag::wide:
        out += wide_text(value.object<WideObject>().value);
        return;
      case Tag::string:
        out += is_limited() ? short_quote(value.string()) : quote(value.string());
        return;
      case Tag::tuple:
        tuple(value.object<TupleObject>());
        return;
      case Tag::list:
        sequence(value.elements(), '[', "]");
        return;
      case Tag::dict:
        dict(value.dictionary());
        return;
      case Tag::range:
        range(value.object<RangeObject>());
        return;
      case Tag::slice:
        slice(value.object<SliceObject>());
        return;
      case Tag::at:
        out += "<index view of array>";
        return;
      case Tag::indexer:
        out += "<indexer>";
        return;
      case Tag::progress:
        out += "<progress>";
        return;
      case Tag::module:
        module(value.object<ModuleObject>());
        return;
      default:
        callable(value);
    }
  }

  void module(const ModuleObject& module) {
    out += module.repr.empty() ? fmt::format("<module '{}'>", module.name) : module.repr;
  }

  void callable(const Value& value) {
    if (value.is(Value::Tag::op) && ufunc_of(*value.op())) {
      out += fmt::format("<ufunc '{}'>", to_str(ufunc_attribute(*value.op(), "__name__")));
    } else if (value.is(Value::Tag::op)) {
      const bool is_python = (value.op()->visibility & (kPython | kMath)) != 0;
      out += fmt::format("<{}function {}>", is_python ? "built-in " : "", value.op()->name);
    } else if (value.is(Value::Tag::function)) {
      out += fmt::format("<function {}>", value.object<FunctionObject>().function->name);
    } else if (value.is(Value::Tag::method)) {
      out += fmt::format("<bound method {}>", value.object<MethodObject>().name);
    } else if (const auto* host = dynamic_cast<const HostObject*>(&value.object<Object>())) {
      out += fmt::format("<built-in function {}>", host->name);
    } else {
      out += "Generator(Philox)";
    }
  }

  void tuple(const TupleObject& tuple) {
    if (tuple.type == nullptr) return sequence(tuple.elements, '(', tuple.elements.size() == 1 ? ",)" : ")");
    out += tuple.type->name;
    sequence(tuple.elements, '(', ")", tuple.type->fields);
  }

  /// `names`: of the elements, or none.
  void sequence(const std::vector<Value>& elements, char open, std::string_view close,
                std::span<const std::string_view> names = {}) {
    enter();
    out += open;
    for (std::size_t at = 0; at < elements.size(); ++at) {
      context().charge(1, out.size());
      if (at > 0) out += ", ";
      if (out.size() > limit_) {
        out += "...";
        break;
      }
      if (!names.empty()) fmt::format_to(std::back_inserter(out), "{}=", names[at]);
      repr(elements[at]);
    }
    out += close;
    --depth_;
  }

  void dict(const DictObject& dict) {
    enter();
    out += '{';
    for (std::size_t at = 0; at < dict.items.size(); ++at) {
      context().charge(1, out.size());
      if (at > 0) out += ", ";
      if (out.size() > limit_) {
        out += "...";
        break;
      }
      repr(dict.items[at].first);
      out += ": ";
      repr(dict.items[at].second);
    }
    out += '}';
    --depth_;
  }

  void range(const RangeObject& range) {
    out += fmt::format("range({}, {}", range.start, range.stop);
    out += range.step == 1 ? ")" : fmt::format(", {})", range.step);
  }

  void slice(const SliceObject& slice) {
    out += "slice(";
    repr(slice.start);
    out += ", ";
    repr(slice.stop);
    out += ", ";
    repr(slice.step);
    out += ')';
  }

  void enter() {
    require_stack("while getting the repr of an object");
    if (++depth_ > kNestingLimit) {
      raise(ErrorKind::RecursionError, "maximum recursion depth exceeded while getting the repr of an object");
    }
  }

  [[nodiscard]] bool is_limited() const { return limit_ != std::numeric_limits<std::size_t>::max(); }

  std::size_t limit_;  // of what is written before an element is left out
  int depth_ = 0;
};

}  // namespace

std::string to_repr(const Value& value) {
  Writer writer;
  writer.repr(value);
  return std::move(writer.out);
}

std::string to_short_repr(const Value& value) {
  constexpr std::size_t kEnough = 500;
  Writer writer(kEnough);
  writer.repr(value);
  return std::move(writer.out);
}

std::string to_str(const Value& value) {
  if (value.is_string()) {
    std::string out;
    append_text(out, value.string());
    return out;
  }
  if (value.is_tensor()) return to_string(value.tensor());
  if (is_tracked(value)) return to_str(primal_of(value));
  if (value.is(Value::Tag::dtype)) return std::string(name(value.dtype()));
  if (value.is(Value::Tag::module) && !value.object<ModuleObject>().str.empty()) {
    return value.object<ModuleObject>().str;
  }
  return to_repr(value);
}

}  // namespace inlay
