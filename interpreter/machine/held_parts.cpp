// held_parts.cpp - see held_parts.h. Knows nothing of paths and statements.
// Invariant: a value is replaced by an equal one; whoever looks at it sees no difference.
#include "interpreter/machine/held_parts.h"

#include <algorithm>
#include <vector>

namespace inlay {
namespace {

// A search may be in vain: it takes a fraction of what the copy would take. Bytes to copy for a look at one place …
constexpr std::int64_t kBytesPerPlace = 256;
constexpr std::int64_t kBytesPerName = 8192;  // … and at the variable of a name
constexpr std::int64_t kSmallShare = 4;       // parts have at most one of so many elements

/// The values that hold parts of a tensor.
class PartHolders {
 public:
  explicit PartHolders(const TensorData& whole) : whole_(whole) {}

  void look(Value& value) {
    if (!value.is(Value::Tag::tensor)) return;
    const TensorData& part = value.tensor_data();
    if (&part != &whole_ && part.buffer.get() == whole_.buffer.get()) holders_.push_back(&value);
  }

  /// Parts of one description are held by several values: they get one copy.
  void detach() {
    std::sort(holders_.begin(), holders_.end(), [](const Value* a, const Value* b) { return part_of(a) < part_of(b); });
    if (!is_small()) return;
    const TensorData* part = nullptr;
    Value copy;
    for (Value* holder : holders_) {
      if (part_of(holder) != part) part = part_of(holder), copy = copied(*holder);
      *holder = copy;
    }
    holders_.clear();
  }

 private:
  static const TensorData* part_of(const Value* holder) { return &holder->tensor_data(); }

  /// The holder is emptied meanwhile, so as not to be counted as one more.
  static Value copied(Value& holder) {
    Tensor part = holder.take_tensor();
    try {
      return Value::of(part.copy_to_update());
    } catch (...) {
      holder = Value::of(std::move(part));
      throw;
    }
  }

  [[nodiscard]] bool is_small() const {
    std::int64_t size = 0;
    for (std::size_t at = 0; at < holders_.size(); ++at)
      if (at == 0 || part_of(holders_[at]) != part_of(holders_[at - 1])) size += holders_[at]->tensor_size();
    return size <= whole_.size / kSmallShare;
  }

  const TensorData& whole_;
  std::vector<Value*> holders_;
};

}  // namespace

void detach_parts(const Value& whole, Frame& frame) {
  const TensorData& tensor = whole.tensor_data();
  if (!tensor.unique() || tensor.buffer->unique() || tensor.buffer->read_only()) return;
  const std::int64_t bytes = tensor.size * itemsize(tensor.dtype);
  const auto registers = static_cast<std::size_t>(frame.function.registers);
  const auto is_worth = [bytes](std::size_t places, std::int64_t each) {
    return bytes >= static_cast<std::int64_t>(places) * each;
  };
  if (!is_worth(registers + frame.linked.globals.size() + frame.cells.size(), kBytesPerPlace)) return;
  PartHolders holders(tensor);
  for (std::size_t at = 0; at < registers; ++at) holders.look(frame.registers[at]);
  for (Value* variable : frame.linked.globals) holders.look(*variable);
  for (const Ref<CellObject>& cell : frame.cells) holders.look(cell->value);
  holders.detach();
  Environment& variables = frame.linked.module->variables;
  if (tensor.buffer->unique() || !is_worth(variables.names().size(), kBytesPerName)) return;
  for (const std::string& name : variables.names()) holders.look(variables.slot(name));
  holders.detach();
}

}  // namespace inlay
