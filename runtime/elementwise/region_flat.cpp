// region_flat.cpp - see region_flat.h.
#include "runtime/elementwise/region_flat.h"

#include <algorithm>

#include "runtime/elementwise/region_blocks.h"
#include "runtime/indexing/compress_kernels.h"
#include "runtime/memory/context.h"

namespace inlay {

using Source = RegionPlan::Source;
using Op = RegionPlan::Op;

/// Finds the shape and where each source lies; false if some lie otherwise, or there are no more than single elements.
bool FlatRegion::lay_out() {
  std::size_t rank = 0;
  for (std::size_t at = 0; at < plan_.sources.size(); ++at) {
    Source& source = plan_.sources[at];
    const RegionInput& input = inputs_[static_cast<std::size_t>(source.input)];
    if (input.weak) {
      load_number(source, input);
      rows_[at] = {source.element.data(), true};
      continue;
    }
    rows_[at] = {input.data, input.size == 1};
    converts_ += source.convert != nullptr;
    rank = std::max(rank, input.shape->size());
    has_single_with_axes_ |= input.size == 1 && !input.shape->empty();
    if (input.size == 1) continue;
    if (!input.contiguous || (shape_ && !(*shape_ == *input.shape))) return false;
    shape_ = input.shape;
    size_ = input.size;
  }
  return shape_ && shape_->size() == rank && size_ > 0 && size_ <= plan_.block;
}

bool FlatRegion::numbers_pass() const {
  const auto number = [&](int input) { return inputs_[static_cast<std::size_t>(input)].integer; };
  return std::all_of(plan_.divisors.begin(), plan_.divisors.end(), [&](int input) { return number(input) != 0; }) &&
         std::all_of(plan_.exponents.begin(), plan_.exponents.end(), [&](int input) { return number(input) >= 0; });
}

/// Registers lie close together, each with room for a kernel that stores a whole vector at its end.
bool FlatRegion::has_space() {
  constexpr std::size_t kLine = 64;
  const std::int64_t widest = std::max(plan_.widest, 2);
  stride_ = (static_cast<std::size_t>(size_ * widest) / kLine + 2) * kLine;
  return (converts_ + static_cast<std::size_t>(plan_.registers)) * stride_ <= kSpace;
}

/// An op over single elements has one result.
void FlatRegion::find_single_results() {
  for (std::size_t at = 0; at < plan_.ops.size(); ++at) {
    const Op& op = plan_.ops[at];
    bool is_single = true;
    for (int operand = 0; is_single && operand < op.count; ++operand) is_single = rows_[op.operands[operand]].scalar;
    rows_[plan_.sources.size() + at] = {nullptr, is_single};
  }
}

/// Whether an assignment's mask has as many elements as the target.
bool FlatRegion::masks_in_full(const RegionSteps& region) const {
  const std::span<const int> deciding = plan_.ops.back().decides();
  return region.steps.back().kind != RegionStep::Kind::assign_where ||
         std::any_of(deciding.begin(), deciding.end(), [this](int slot) { return !rows_[slot].scalar; });
}

/// Whether what is chosen has the mask's shape, and nothing else is computed with it but single elements that leave it
/// the one axis it has.
bool FlatRegion::chooses_alike() const {
  return !has_single_with_axes_ && plan_.takes_chosen([this](int slot) { return rows_[slot].scalar; });
}

const Shape* FlatRegion::shape(const RegionSteps& region) {
  if (!plan_.is_flat || !lay_out() || !has_space()) return nullptr;
  if (plan_.asks_numbers() && !numbers_pass()) return nullptr;
  find_single_results();
  if (plan_.mask >= 0 ? !chooses_alike() : !masks_in_full(region)) return nullptr;
  context().charge(static_cast<std::uint64_t>(size_) * static_cast<std::uint64_t>(plan_.steps), 0);
  return shape_;
}

void FlatRegion::convert_sources() {
  std::byte* next = space_;
  for (std::size_t at = 0; converts_ > 0 && at < plan_.sources.size(); ++at) {
    const Source& source = plan_.sources[at];
    if (!source.convert) continue;
    source.convert(rows_[at].data, next, rows_[at].scalar ? 1 : size_);
    rows_[at].data = next;
    next += stride_;
  }
}

/// One op over `size` elements, into its register or, the last, into `out`.
void FlatRegion::run_op(std::size_t at, std::byte* out, std::int64_t size) {
  const Op& op = plan_.ops[at];
  Row& row = rows_[plan_.sources.size() + at];
  const bool is_last = at + 1 == plan_.ops.size();
  std::byte* const to = is_last ? out : space_ + (converts_ + static_cast<std::size_t>(op.reg)) * stride_;
  if (op.kind == Op::Kind::compress)
    mask_kernels(op.size).pack(mask(), rows_[op.operands[1]].data, to, to + (is_last ? chosen_ * op.size : stride_),
                               size_);
  else
    RegionBlocks::run_op(op, rows_, to, row.scalar ? 1 : size);
  row.data = to;
}

void FlatRegion::run(std::byte* out) {
  convert_sources();
  for (std::size_t at = 0; at < plan_.ops.size(); ++at) run_op(at, out, size_);
}

const std::uint8_t* FlatRegion::mask() const { return reinterpret_cast<const std::uint8_t*>(rows_[plan_.mask].data); }

std::int64_t FlatRegion::choose() {
  convert_sources();
  for (std::size_t at = 0; at < plan_.mask_ops; ++at) run_op(at, nullptr, size_);
  return chosen_ = mask_table().count(mask(), size_);
}

void FlatRegion::run_chosen(std::byte* out) {
  for (std::size_t at = plan_.mask_ops; at < plan_.ops.size(); ++at) run_op(at, out, chosen_);
}

}  // namespace inlay
