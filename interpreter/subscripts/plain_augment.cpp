// plain_augment.cpp - see plain_augment.h.
// Rows that lie side by side are computed where they stand; other elements are read into a block on the stack, computed
// there and written back.
#include "interpreter/subscripts/plain_augment.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "interpreter/machine/operators.h"
#include "interpreter/machine/plain_numbers.h"
#include "interpreter/machine/single_values.h"
#include "interpreter/subscripts/assign_value.h"
#include "runtime/elementwise/elementwise_dispatch.h"
#include "runtime/indexing/compress_kernels.h"
#include "runtime/indexing/position.h"
#include "runtime/indexing/selection.h"
#include "runtime/indexing/short_rows.h"
#include "runtime/memory/context.h"
#include "runtime/tensors/reuse.h"

namespace inlay {
namespace {

using Tag = Value::Tag;

constexpr std::int64_t kFewElements = 2048;  // beyond, set-up no longer shows
constexpr std::int64_t kMostRows = 64;

/// `n` elements on the stack, of up to 16 bytes.
using Block = std::array<std::byte, kFewElements * 16>;

/// `op= value` for elements of one dtype: kernels, and the value as they read it.
class UpdateKernel {
 public:
  /// False where there is more to do than to run kernels: conversions, checks of elements, other shapes.
  bool prepare(ast::BinaryOp op, const Value& x, std::span<const std::int64_t> part, const Value& value,
               ElementwisePlan& plan) {
    if (op == ast::BinaryOp::matmul) return false;
    const DType dtype = x.tensor_dtype();
    const OpInfo& which = info(elementwise_of(op));
    // A positive int divides, and is an exponent, without questions.
    const bool is_total =
        which.check == ValueCheck::none || !is_integer(dtype) || (value.is(Tag::integer) && value.integer() > 0);
    const bool is_loaded = value.is(Tag::tensor) ? load_row(value.tensor_data(), dtype, part) : load_one(value, dtype);
    if (!is_total || !is_loaded) return false;
    const ElementwisePlan chosen = planned(elementwise_of(op), dtype, type_of(value), &plan);
    row_ = &kernel_row(chosen);
    return keeps_dtype(which, chosen, dtype);
  }

  /// Elements at .. at + n of the part, which lie one after the other.
  void run(std::byte* x, std::int64_t at, std::int64_t n) const {
    const bool is_one = period_ == 1;
    run_update(*row_, x, is_one ? values_ : values_ + at % period_ * item_, is_one, x, n);
  }

 private:
  static OperandType type_of(const Value& value) {
    if (value.is(Tag::tensor)) return value.tensor_dtype();
    if (value.is(Tag::scalar)) return value.dtype();
    return OperandType(value.is(Tag::integer) ? Scalar::Kind::integer : Scalar::Kind::floating);
  }

  bool load_one(const Value& value, DType dtype) {
    values_ = element_;
    if (value.is(Tag::scalar)) {
      std::memcpy(element_, value.scalar_bytes(), 8);
      return value.dtype() == dtype;
    }
    if (value.is(Tag::integer)) return store_plain(value.integer(), dtype, element_);
    return value.is(Tag::floating) && store_plain(value.floating(), dtype, element_);
  }

  /// Elements of the part's last axes. A row of the part that is walked is never longer than all of them, unless they
  /// are one.
  bool load_row(const TensorData& value, DType dtype, std::span<const std::int64_t> part) {
    const std::size_t rank = value.shape.size();
    values_ = value.data;
    period_ = value.size;
    item_ = itemsize(dtype);
    return value.dtype == dtype && value.contiguous && value.size > 0 && rank > 0 && rank <= part.size() &&
           std::equal(value.shape.begin(), value.shape.end(), part.end() - static_cast<std::ptrdiff_t>(rank));
  }

  const KernelRow* row_ = nullptr;
  const std::byte* values_ = nullptr;
  std::int64_t period_ = 1;  // elements before the values repeat
  std::int64_t item_ = 0;
  alignas(16) std::byte element_[16];
};

void count_update(std::int64_t elements) {
  context().charge(static_cast<std::uint64_t>(elements), 0);
  ++context().counters.in_place;
}

/// A row whose elements lie apart, by way of a block.
void run_apart(const UpdateKernel& kernel, std::byte* x, FillAxis row, std::int64_t at, int itemsize) {
  alignas(64) Block block;
  visit_size(itemsize, [&]<class T>(Type<T>) {
    constexpr auto item = static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t i = 0; i < row.size; ++i) std::memcpy(block.data() + i * item, x + i * row.stride, sizeof(T));
    kernel.run(block.data(), at, row.size);
    for (std::int64_t i = 0; i < row.size; ++i) std::memcpy(x + i * row.stride, block.data() + i * item, sizeof(T));
  });
}

void run_rows(const UpdateKernel& kernel, std::byte* x, std::span<const FillAxis> axes, std::int64_t& at,
              int itemsize) {
  if (axes.size() > 1) {
    for (std::int64_t row = 0; row < axes[0].size; ++row)
      run_rows(kernel, x + row * axes[0].stride, axes.subspan(1), at, itemsize);
    return;
  }
  const FillAxis row = axes[0];
  if (row.stride == itemsize)
    kernel.run(x, at, row.size);
  else
    run_apart(kernel, x, row, at, itemsize);
  at += row.size;
}

/// x[mask] op= value for a mask of x's shape.
bool augment_masked(ast::BinaryOp op, Value& target, const TensorData& mask, const Value& value,
                    ElementwisePlan& plan) {
  const TensorData& x = target.tensor_data();
  const bool is_plain = !x.shape.empty() && mask.contiguous && mask.shape == x.shape;
  if (!is_plain || x.size > kFewElements || !may_be_written(x)) return false;
  const auto* const chosen = reinterpret_cast<const std::uint8_t*>(mask.data);
  const std::int64_t count = mask_table().count(chosen, x.size);
  UpdateKernel kernel;
  if (!kernel.prepare(op, target, {&count, 1}, value, plan)) return false;
  count_update(x.size);
  if (count == 0) return true;
  alignas(64) Block block;
  const int item = itemsize(x.dtype);
  std::byte* const end = block.data() + count * item;
  mask_kernels(item).pack(chosen, x.data, block.data(), end, x.size);
  kernel.run(block.data(), 0, count);
  mask_kernels(item).store(chosen, x.data, block.data(), end, x.size);
  return true;
}

/// x[indices] op= value for a list of indices into a vector: of duplicates the last one stays.
bool augment_entries(ast::BinaryOp op, Value& target, const TensorData& index, const Value& value,
                     ElementwisePlan& plan) {
  const TensorData& x = target.tensor_data();
  const bool is_list = index.dtype == DType::int64 && index.shape.size() == 1 && index.contiguous && &index != &x;
  if (!is_list || index.size > kFewElements || x.shape.size() != 1 || !may_be_written(x)) return false;
  const std::span indices(reinterpret_cast<const std::int64_t*>(index.data), static_cast<std::size_t>(index.size));
  if (!std::ranges::all_of(indices, [&](std::int64_t at) { return at >= -x.size && at < x.size; })) return false;
  UpdateKernel kernel;
  if (!kernel.prepare(op, target, index.shape, value, plan)) return false;
  count_update(index.size);
  alignas(64) Block block;
  const IndexedElements elements{x.data, x.size, itemsize(x.dtype), indices, true};
  load_indexed(elements, block.data());
  kernel.run(block.data(), 0, index.size);
  store_indexed(elements, block.data(), false);
  return true;
}

bool augment_entry(ast::BinaryOp op, Value& dict, const Value& key, const Value& value) {
  const Value* const old = dict.object<DictObject>().find(key);
  Value out;
  if (old == nullptr || !plain_binary(op, *old, value, out)) return false;
  *dict.mutable_dictionary().find(key) = std::move(out);
  return true;
}

bool augment_list_item(ast::BinaryOp op, Value& list, const Value& index, const Value& value) {
  const auto& elements = list.elements();
  const std::int64_t at = position_of(index.integer(), static_cast<std::int64_t>(elements.size()));
  Value out;
  if (at < 0 || !plain_binary(op, elements[static_cast<std::size_t>(at)], value, out)) return false;
  list.mutable_elements()[static_cast<std::size_t>(at)] = std::move(out);
  return true;
}

bool augment_tensor_item(ast::BinaryOp op, Value& target, const Value& index, const Value& value,
                         ElementwisePlan& plan) {
  if (index.is(Tag::tensor)) {
    const bool is_mask = index.tensor_dtype() == DType::boolean;
    return (is_mask ? augment_masked : augment_entries)(op, target, index.tensor_data(), value, plan);
  }
  if (index.is(Tag::ellipsis)) return augment_plain_parts(op, target, {}, value, plan);
  if (!index.is(Tag::integer)) return false;
  const Value* const indices[] = {&index};
  if (target.tensor_data().shape.size() == 1) return augment_plain_element(op, target, indices, value, plan);
  const PlainItem row{&index, nullptr, nullptr, nullptr};
  return augment_plain_parts(op, target, {&row, 1}, value, plan);
}

}  // namespace

bool augment_plain_element(ast::BinaryOp op, Value& target, std::span<const Value* const> indices, const Value& value,
                           ElementwisePlan& plan) {
  std::byte* const at = plain_element(target, indices);
  if (at == nullptr || !may_be_written(target.tensor_data())) return false;
  if (!single_augment(op, target.tensor_dtype(), at, value, plan)) return false;
  ++context().counters.in_place;
  return true;
}

bool augment_plain_item(ast::BinaryOp op, Value& target, const Value& index, const Value& value,
                        ElementwisePlan& plan) {
  if (target.is(Tag::tensor)) return augment_tensor_item(op, target, index, value, plan);
  if (target.is(Tag::list)) return index.is(Tag::integer) && augment_list_item(op, target, index, value);
  return target.is(Tag::dict) && augment_entry(op, target, index, value);
}

bool augment_plain_parts(ast::BinaryOp op, Value& target, std::span<const PlainItem> items, const Value& value,
                         ElementwisePlan& plan) {
  if (!target.is(Tag::tensor)) return false;
  const TensorData& x = target.tensor_data();
  Layout part;
  if (!may_be_written(x) || !plain_layout(x, items, part) || part.shape.size() > PartAxes::kMost) return false;
  const PartAxes walked(part);
  const std::int64_t row = walked.axes[walked.count - 1].size;
  if (walked.size > kFewElements || walked.size > row * kMostRows) return false;
  UpdateKernel kernel;
  if (!kernel.prepare(op, target, part.shape, value, plan)) return false;
  count_update(walked.size);
  std::int64_t at = 0;
  if (walked.size > 0)
    run_rows(kernel, x.data + part.offset, {walked.axes.data(), walked.count}, at, itemsize(x.dtype));
  return true;
}

}  // namespace inlay
